"""What can go wrong between a model, a command and a step."""

from engine.domain.errors import Conflict, DomainError, Refused


class BpmnError(DomainError):
    """Base of everything this package raises on purpose. `str(error)` is the whole Chinese sentence."""

    code = "bpmn"

    def __init__(self, message: str, **facts: object):
        super().__init__(type(self).code, message, **facts)


class ModelRefused(BpmnError, Refused):
    """The files cannot be turned into a runnable definition. facts: element, rule, fix, file."""

    code = "model_refused"


class ExpressionRefused(BpmnError, Refused):
    """The text is not an expression of our language. facts: position (0-based offset into the text)."""

    code = "expression_refused"


class ExpressionFailed(BpmnError):
    """The expression is well formed but does not fit the data it met. facts: text."""

    code = "expression_failed"


class TaskNotOpen(BpmnError, Conflict):
    """The command names a task that does not wait for it: done, withdrawn, or never there. facts: task."""

    code = "task_not_open"


class BadCommand(BpmnError, Refused):
    """The command's data is not plain JSON, or the command does not fit the state."""

    code = "bad_command"


class StateMismatch(BpmnError):
    """The stored state belongs to another version of the process, or to an unknown storage format."""

    code = "state_mismatch"


class RunFailed(BpmnError):
    """The model ran into something it cannot get out of: an incident for an administrator. facts: element."""

    code = "run_failed"
