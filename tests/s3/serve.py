"""An S3 server with the files below a folder in the bucket `pictures`, which only signed requests may read.

Prints one line of JSON with its port and two pairs of keys: one that may read the bucket, one that may do nothing.
Ends with its standard input.
"""

import json
import logging
import os
import pathlib
import sys
import urllib.request

os.environ.update(AWS_ACCESS_KEY_ID="setup", AWS_SECRET_ACCESS_KEY="setup", AWS_DEFAULT_REGION="eu-west-1")
for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
    os.environ.pop(name, None)

import boto3  # noqa: E402 -- reads the environment
from moto.server import ThreadedMotoServer  # noqa: E402

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::pictures", "arn:aws:s3:::pictures/*"],
        }
    ],
}


def keys_of(iam, name, policy):
    """Makes a user with a policy, if any, and gives its keys."""
    iam.create_user(UserName=name)
    if policy:
        iam.put_user_policy(UserName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return [key["AccessKeyId"], key["SecretAccessKey"]]


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    endpoint = f"http://127.0.0.1:{port}"
    s3 = boto3.client("s3", endpoint_url=endpoint)
    s3.create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    folder = pathlib.Path(sys.argv[1])
    for file in folder.rglob("*"):
        if file.is_file():
            key = str(file.relative_to(folder))
            s3.put_object(Bucket="pictures", Key=key, Body=file.read_bytes(), CacheControl="max-age=60")
    iam = boto3.client("iam", endpoint_url=endpoint)
    reader = keys_of(iam, "reader", POLICY)
    stranger = keys_of(iam, "stranger", None)
    # From here on every request has to be signed by somebody who may.
    plain = {"Content-Type": "text/plain"}
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset-auth", b"0", plain)).read()
    print(json.dumps({"port": port, "reader": reader, "stranger": stranger}), flush=True)
    sys.stdin.read()
    server.stop()


main()
