"""BPMN models: reading, checking, running. The only package that imports SpiffWorkflow.

`load_definition` and `advance` run a published version; `check_model` says what a draft would get wrong.
"""

from engine.bpmn.check import Problem, check_model
from engine.bpmn.commands import (
    Command,
    Complete,
    EventWait,
    FireTimer,
    OpenTask,
    OperationDone,
    OperationFailed,
    Receive,
    Start,
    Step,
    Thrown,
    TimerWait,
    Trace,
    WantedOperation,
)
from engine.bpmn.definition import Definition, diagram, load_definition
from engine.bpmn.difference import Change, semantic_diff
from engine.bpmn.errors import (
    BadCommand,
    BpmnError,
    ExpressionFailed,
    ExpressionRefused,
    ModelRefused,
    RunFailed,
    StateMismatch,
    TaskNotOpen,
)
from engine.bpmn.expressions import check_expression, evaluate
from engine.bpmn.runtime import advance

__all__ = [
    "BadCommand",
    "BpmnError",
    "Change",
    "Command",
    "Complete",
    "Definition",
    "EventWait",
    "ExpressionFailed",
    "ExpressionRefused",
    "FireTimer",
    "ModelRefused",
    "OpenTask",
    "OperationDone",
    "OperationFailed",
    "Problem",
    "Receive",
    "RunFailed",
    "Start",
    "StateMismatch",
    "Step",
    "TaskNotOpen",
    "Thrown",
    "TimerWait",
    "Trace",
    "WantedOperation",
    "advance",
    "check_expression",
    "check_model",
    "diagram",
    "evaluate",
    "load_definition",
    "semantic_diff",
]
