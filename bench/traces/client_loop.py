"""A traced loop through the real `weave` client: 2,000 calls of a function that does next to nothing, then a flush.

Run by bench/traces/run.py with the clients' own Python; prints the seconds of the loop and the flush together.
"""

import os
import sys
import time

url, api_key, project = sys.argv[1:4]
os.environ |= {
    "WANDB_BASE_URL": url,
    "WANDB_API_KEY": api_key,
    "WANDB_ERROR_REPORTING": "false",
    "WEAVE_USE_SERVER_CACHE": "false",
    "WEAVE_PRINT_CALL_LINK": "false",
}

import weave  # noqa: E402 - it reads the environment when it is imported

CALLS = 2000


@weave.op
def answer(question: str, number: int) -> dict[str, str]:
    """Give back what came, and some text."""
    return {"question": question, "answer": f"{number} " + "warp " * 50}


client = weave.init(project)
answer("first", 0)
client.flush()
begin = time.perf_counter()
for number in range(CALLS):
    answer("weft " * 50, number)
client.flush()
print(time.perf_counter() - begin)
