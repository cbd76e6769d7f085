"""A tap as the SDK's cookiecutter and its guide to parent and child streams lay it out.

No code of this API is known to it, and no quota: the SDK has no limiter.
"""

import os
from collections.abc import Iterable

from singer_sdk import RESTStream, Stream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import JSONPathPaginator


class UsersStream(Stream):
    """The list of users, which only feeds its child."""

    name = "users"
    primary_keys = ("user_id",)
    schema = th.PropertiesList(th.Property("user_id", th.StringType)).to_dict()
    selected_by_default = False

    def get_records(self, context) -> Iterable[dict]:
        with open(self.config["users_file"], encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield {"user_id": line.rstrip("\n")}

    def get_child_context(self, record: dict, context) -> dict:
        return {"user_id": record["user_id"]}


class ConversationsStream(RESTStream):
    name = "conversations"
    path = "/v4/recentcontact/get_contact_group"
    http_method = "POST"
    records_jsonpath = "$.ContactItem[*]"
    primary_keys = ("user_id", "conversation_id")
    parent_stream_type = UsersStream
    # One state for all users, as the guide advises where there is no bookmark to keep.
    state_partitioning_keys = ()
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
        # The last page's NextStartIndex is 0, which ends it.
        return JSONPathPaginator("$.NextStartIndex")

    def post_process(self, row: dict, context=None) -> dict:
        row["user_id"] = context["user_id"]
        row["conversation_id"] = (
            f"c2c_{row['To_Account']}" if row["Type"] == 1 else f"group_{row['ToGroupId']}"
        )
        return row


class ContactsTap(Tap):
    name = "tap-contacts"
    config_jsonschema = th.PropertiesList(
        *(
            th.Property(name, th.StringType, required=True)
            for name in ("endpoint", "users_file", "sdk_app_id", "identifier", "user_sig")
        )
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        return [UsersStream(self), ConversationsStream(self)]


CONFIG = {
    "endpoint": os.environ["BENCH_ENDPOINT"],
    "users_file": os.environ["BENCH_USERS"],
    "sdk_app_id": os.environ["BENCH_SDK_APP_ID"],
    "identifier": os.environ["BENCH_IDENTIFIER"],
    "user_sig": os.environ["BENCH_USER_SIG"],
}

if __name__ == "__main__":
    ContactsTap(config=CONFIG).sync_all()
