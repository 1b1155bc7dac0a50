"""Whatever a template asks to be drawn: the worker has bounds of memory and time, and goes on."""

import subprocess
import sys

from redis import Redis
from rq import Queue

from engine.jobs.ticker import SECONDS_OF_A_JOB, enqueue_waiting
from engine.store import outbox
from tests.usecases.acting import COUNTY

GREEDY = """
from types import SimpleNamespace as Thing
from engine.jobs import work

class Worker:
    def __init__(self, queues, connection): pass
    def work(self, **options):
        try:
            bytearray(3 << 30)
        except MemoryError:
            print("refused")
        print(len(bytearray(200 << 20)))

work.app = lambda: Thing(settings=Thing(redis_url="redis://127.0.0.1:1"))
work.missing_glyphs = lambda text: ""
work.SimpleWorker = Worker
work.main()
"""


def test_a_job_that_wants_all_memory_gets_an_error_and_the_machine_lives():
    done = subprocess.run([sys.executable, "-c", GREEDY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused", str(200 << 20)]


def test_a_job_has_an_end(running):
    queue = Queue("limits", connection=Redis.from_url(running.settings.redis_url))
    with running.sessions(COUNTY) as session:
        outbox.put(session, COUNTY, "send_message", {"to": "1", "text": "x"}, running.clock.now())
        session.commit()
    assert enqueue_waiting(running, queue) == 1
    assert [job.timeout for job in queue.jobs] == [SECONDS_OF_A_JOB]
    assert enqueue_waiting(running, queue) == 0
    queue.empty()
