"""Starts a function and sends it an event again and again.

Job: directory, handler, event, and how many `calls`.
Result: the milliseconds of the processor that the `init` takes, from the start of the process, and each of the `calls`;
and the last `answer`. Other processes disturb these less than the time that passes.
"""

import time

from runtime import CONTEXT, end, job, start

given = job()
handler = start(given["directory"], given["handler"])
init = time.process_time()
taken = []
for _ in range(given["calls"]):
    begun = time.process_time()
    answer = handler(given["event"], CONTEXT)
    taken.append((time.process_time() - begun) * 1000)
end({"init": init * 1000, "calls": taken, "answer": answer})
