"""The same tap as somebody writes it who knows this API: errors told in the body, a quota, calls at the same time."""

import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter
from singer_sdk import RESTStream, Stream, Tap
from singer_sdk import typing as th
from singer_sdk.exceptions import FatalAPIError, RetriableAPIError
from singer_sdk.pagination import JSONPathPaginator

# Two in a hundred fewer than the quota: calls bunch on their way, and a refused call costs a second one.
RATE = float(os.environ["BENCH_RATE"] or "inf") * 0.98
NOT_IN_APP = {50001, 70107}
PASSING = {60007, 60008, 60011, 60018, 60019, 50004, 50005}
THREADS = 32
# Users whose rows may wait for those before them.
AHEAD = 256


class PacedAdapter(HTTPAdapter):
    """Sends at even distances: the SDK has no limiter, and this place sees retries, too."""

    lock = threading.Lock()
    next_slot = 0.0

    def send(self, *args, **kwargs) -> requests.Response:
        with self.lock:
            now = time.monotonic()
            slot = PacedAdapter.next_slot = max(now, PacedAdapter.next_slot + 1 / RATE)
        time.sleep(slot - now)
        return super().send(*args, **kwargs)


class ConversationsStream(RESTStream):
    """One stream over all users: the SDK syncs the children of a parent one after the other."""

    name = "conversations"
    path = "/v4/recentcontact/get_contact_group"
    http_method = "POST"
    records_jsonpath = "$.ContactItem[*]"
    primary_keys = ("user_id", "conversation_id")
    schema = th.PropertiesList(
        th.Property("user_id", th.StringType),
        th.Property("conversation_id", th.StringType),
        th.Property("Type", th.IntegerType),
        th.Property("To_Account", th.StringType),
        th.Property("ToGroupId", th.StringType),
        th.Property("StandardMark", th.StringType),
        th.Property("CustomMark", th.StringType),
        th.Property("ContactGroupId", th.ArrayType(th.IntegerType)),
        th.Property("Timestamp", th.IntegerType),
    ).to_dict()

    @property
    def url_base(self) -> str:
        return self.config["endpoint"]

    @property
    def requests_session(self) -> requests.Session:
        session = super().requests_session
        if not isinstance(session.get_adapter(self.url_base), PacedAdapter):
            for scheme in ("http://", "https://"):
                session.mount(scheme, PacedAdapter(pool_maxsize=THREADS))
        return session

    def get_url_params(self, context, next_page_token) -> dict:
        return {
            "sdkappid": self.config["sdk_app_id"],
            "identifier": self.config["identifier"],
            "usersig": self.config["user_sig"],
            "random": "1",
            "contenttype": "json",
        }

    def prepare_request_payload(self, context, next_page_token) -> dict:
        return {"From_Account": context["user_id"], "StartIndex": next_page_token or 0}

    def get_new_paginator(self) -> JSONPathPaginator:
        return JSONPathPaginator("$.NextStartIndex")

    def backoff_max_tries(self) -> int:
        return 8

    def validate_response(self, response: requests.Response) -> None:
        super().validate_response(response)
        code = response.json()["ErrorCode"]
        if code in PASSING:
            raise RetriableAPIError(f"ErrorCode {code}", response)
        if code != 0 and code not in NOT_IN_APP:
            raise FatalAPIError(f"the API refused: {response.text}")

    def get_records(self, context) -> Iterable[dict]:
        with ThreadPoolExecutor(THREADS) as pool, open(
            self.config["users_file"], encoding="utf-8", newline="\n"
        ) as lines:
            pending: deque[Future] = deque()
            for line in lines:
                pending.append(pool.submit(self.rows_of, line.rstrip("\n")))
                if len(pending) == AHEAD:
                    yield from pending.popleft().result()
            for rest in pending:
                yield from rest.result()

    def rows_of(self, user: str) -> list[dict]:
        return [
            {
                **item,
                "user_id": user,
                "conversation_id": (
                    f"c2c_{item['To_Account']}" if item["Type"] == 1 else f"group_{item['ToGroupId']}"
                ),
            }
            for item in self.request_records({"user_id": user})
        ]


class ContactsTap(Tap):
    name = "tap-contacts"
    config_jsonschema = th.PropertiesList(
        *(
            th.Property(name, th.StringType, required=True)
            for name in ("endpoint", "users_file", "sdk_app_id", "identifier", "user_sig")
        )
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        return [ConversationsStream(self)]


CONFIG = {
    "endpoint": os.environ["BENCH_ENDPOINT"],
    "users_file": os.environ["BENCH_USERS"],
    "sdk_app_id": os.environ["BENCH_SDK_APP_ID"],
    "identifier": os.environ["BENCH_IDENTIFIER"],
    "user_sig": os.environ["BENCH_USER_SIG"],
}

if __name__ == "__main__":
    ContactsTap(config=CONFIG).sync_all()
