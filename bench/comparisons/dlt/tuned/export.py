"""dlt as somebody runs it who knows this API: errors told in the body, a quota, calls at the same time, COPY.

The performance page of dlt's documents names the settings; the classes are the places it gives for own code.
"""

import os
import threading
import time
from collections.abc import Iterator

# Settings by variable, before dlt is imported, as the performance page has them.
os.environ |= {
    "EXTRACT__WORKERS": "32",
    "EXTRACT__MAX_PARALLEL_ITEMS": "64",
    "NORMALIZE__WORKERS": "2",  # processes: one for each core
    "DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
    # Several files, or there is nothing to share between the two processes.
    "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "100000",
    "EXTRACT__DATA_WRITER__FILE_MAX_ITEMS": "20000",
}

import dlt
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client.exceptions import IgnoreResponseException
from dlt.sources.rest_api import rest_api_resources
from requests import ConnectionError, Response, Timeout
from requests.adapters import HTTPAdapter

QUERY = {
    "sdkappid": os.environ["BENCH_SDK_APP_ID"],
    "identifier": os.environ["BENCH_IDENTIFIER"],
    "usersig": os.environ["BENCH_USER_SIG"],
    "random": "1",
    "contenttype": "json",
}
# Two in a hundred fewer than the quota: calls bunch on their way, and a refused call costs a second one.
RATE = float(os.environ["BENCH_RATE"] or "inf") * 0.98
NOT_IN_APP = {50001, 70107}
PASSING = {60007, 60008, 60011, 60018, 60019, 50004, 50005}


class Passing(Exception):
    """The API's word for `try again`."""


class PacedAdapter(HTTPAdapter):
    """Sends at even distances: dlt has no limiter of its own, and this place sees retries, too."""

    lock = threading.Lock()
    next_slot = 0.0

    def send(self, *args, **kwargs) -> Response:
        with self.lock:
            now = time.monotonic()
            slot = PacedAdapter.next_slot = max(now, PacedAdapter.next_slot + 1 / RATE)
        time.sleep(slot - now)
        return super().send(*args, **kwargs)


def judge(response: Response, *args, **kwargs) -> None:
    code = response.json()["ErrorCode"]
    if code in NOT_IN_APP:
        raise IgnoreResponseException
    if code in PASSING:
        raise Passing(code)
    if code != 0:
        raise ValueError(f"the API refused: {response.text}")


@dlt.resource(name="users", selected=False)
def users() -> Iterator[list[dict]]:
    with open(os.environ["BENCH_USERS"], encoding="utf-8", newline="\n") as lines:
        yield [{"id": line.rstrip("\n")} for line in lines]


client = Client(raise_for_status=False, exceptions=[Passing, ConnectionError, Timeout], request_max_attempts=8)
session = client.session
session.mount("http://", PacedAdapter(pool_maxsize=64))
session.mount("https://", PacedAdapter(pool_maxsize=64))

resources = rest_api_resources(
    {
        "client": {"base_url": os.environ["BENCH_ENDPOINT"], "session": session},
        "resources": [
            users(),
            {
                "name": "pages",
                "include_from_parent": ["id"],
                "parallelized": True,
                "endpoint": {
                    "path": "v4/recentcontact/get_contact_group",
                    "method": "POST",
                    "params": QUERY,
                    "json": {"From_Account": "{resources.users.id}", "StartIndex": 0},
                    # The whole page: GroupItem becomes a table without a second call.
                    "data_selector": "$",
                    "paginator": {
                        "type": "cursor",
                        "cursor_path": "NextStartIndex",
                        "cursor_body_path": "StartIndex",
                    },
                    "response_actions": [judge],
                },
            },
        ],
    }
)

# The normalizer's processes import this file anew where they are spawned.
if __name__ == "__main__":
    pipeline = dlt.pipeline(
        pipeline_name="pages",
        destination=dlt.destinations.postgres(os.environ["BENCH_DATABASE"]),
        dataset_name="chat",
        pipelines_dir=os.getcwd(),
    )
    # CSV is what its PostgreSQL destination can hand to COPY; the default is INSERT statements.
    print(pipeline.run(resources, write_disposition="replace", loader_file_format="csv"))
