"""The declarative source as the documents of dlt begin: a parent, a dependent resource, a cursor in the body.

No code of this API is known to it, and no quota: dlt has no limiter.
"""

import os
from collections.abc import Iterator

import dlt
from dlt.sources.rest_api import rest_api_resources

QUERY = {
    "sdkappid": os.environ["BENCH_SDK_APP_ID"],
    "identifier": os.environ["BENCH_IDENTIFIER"],
    "usersig": os.environ["BENCH_USER_SIG"],
    "random": "1",
    "contenttype": "json",
}


@dlt.resource(name="users", selected=False)
def users() -> Iterator[list[dict]]:
    """Pages of users: dependent resources take lists. Their own rows are not wanted, so they are not selected."""
    with open(os.environ["BENCH_USERS"], encoding="utf-8", newline="\n") as lines:
        page = [{"id": line.rstrip("\n")} for line in lines]
    yield page


resources = rest_api_resources(
    {
        "client": {"base_url": os.environ["BENCH_ENDPOINT"]},
        "resources": [
            users(),
            {
                "name": "contacts",
                "include_from_parent": ["id"],
                "endpoint": {
                    "path": "v4/recentcontact/get_contact_group",
                    "method": "POST",
                    "params": QUERY,
                    "json": {"From_Account": "{resources.users.id}", "StartIndex": 0},
                    "data_selector": "ContactItem",
                    # The last page's NextStartIndex is 0, which ends a cursor.
                    "paginator": {
                        "type": "cursor",
                        "cursor_path": "NextStartIndex",
                        "cursor_body_path": "StartIndex",
                    },
                },
            },
        ],
    }
)

pipeline = dlt.pipeline(
    pipeline_name="contacts",
    destination=dlt.destinations.postgres(os.environ["BENCH_DATABASE"]),
    dataset_name="chat",
    pipelines_dir=os.getcwd(),
)
print(pipeline.run(resources, write_disposition="replace"))
