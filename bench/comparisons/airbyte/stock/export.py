"""A declarative source read into PyAirbyte's cache in PostgreSQL, which its documents advise for databases."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import airbyte as ab
from airbyte.caches import PostgresCache

database = urlsplit(os.environ["BENCH_DATABASE"])

source = ab.get_source(
    "source-contacts",
    source_manifest=Path(__file__).with_name("manifest.yaml"),
    config={
        "endpoint": os.environ["BENCH_ENDPOINT"],
        "sdk_app_id": os.environ["BENCH_SDK_APP_ID"],
        "identifier": os.environ["BENCH_IDENTIFIER"],
        "user_sig": os.environ["BENCH_USER_SIG"],
        # There is no partition router that reads a file: the list lies in the configuration.
        "users": Path(os.environ["BENCH_USERS"]).read_text(encoding="utf-8").splitlines(),
    },
)
source.select_all_streams()
cache = PostgresCache(
    host=database.hostname,
    port=database.port,
    username=database.username,
    password=database.password,
    database=database.path.lstrip("/"),
    schema_name="chat",
    cache_dir=Path.cwd() / "cache",
)
source.read(cache=cache)
