"""Sends events to a warm function again and again, and sees what stays in memory.

Job: directory, handler, `events`, how many `calls` in all, and `every` how many of them to look.
Result: at each look the `calls` so far, the resident memory `rss_kb`, and the `objects` that Python tracks.
"""

import gc
from itertools import cycle, islice

from runtime import CONTEXT, end, job, memory_kb, start

given = job()
handler = start(given["directory"], given["handler"])
looks = []
for number, event in enumerate(islice(cycle(given["events"]), given["calls"]), 1):
    answer = handler(event, CONTEXT)
    if answer["statusCode"] != 200:
        raise RuntimeError(answer)
    if number % given["every"] == 0:
        gc.collect()
        looks.append({"calls": number, "rss_kb": memory_kb("VmRSS"), "objects": len(gc.get_objects())})
end(looks)
