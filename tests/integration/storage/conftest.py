"""Both object stores: a folder, and an S3 service on the loopback interface."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from exchange_market.kernel.settings import Settings
from exchange_market.storage.objects import ObjectStore, open_objects

BUCKET = "exchange"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of an S3 service with one empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket=BUCKET)
    client.close()
    yield endpoint
    server.stop()


@pytest.fixture
def s3_settings(s3_endpoint: str, tmp_path: Path) -> Settings:
    """Settings of an exchange whose objects lie below a prefix of this test alone."""
    return Settings.model_validate(
        {
            "data_dir": tmp_path / "s3",
            "objects_url": f"s3://{BUCKET}/{tmp_path.name}",
            "s3_endpoint": s3_endpoint,
            "s3_access_key_id": "test",
            "s3_secret_access_key": "test",
        }
    )


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty object store: the test runs once on each kind."""
    if request.param == "s3":
        return open_objects(request.getfixturevalue("s3_settings"))
    return open_objects(Settings(data_dir=tmp_path / "local"))
