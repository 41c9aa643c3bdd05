"""As much of boto3 as README's consumer needs, for a machine without it."""

import json
import os
import urllib.error
import urllib.request


class ResourceNotFoundException(Exception):
    pass


class _Exceptions:
    ResourceNotFoundException = ResourceNotFoundException


class _SecretsManager:
    exceptions = _Exceptions

    def get_secret_value(self, **arguments):
        request = urllib.request.Request(
            os.environ["AWS_ENDPOINT_URL_SECRETS_MANAGER"],
            data=json.dumps(arguments).encode(),
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "secretsmanager.GetSecretValue",
                "Authorization": "AWS4-HMAC-SHA256 Credential=%s/20270101/%s/secretsmanager/aws4_request"
                % (os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_REGION"]),
            },
        )
        try:
            return json.load(urllib.request.urlopen(request))
        except urllib.error.HTTPError as error:
            if json.load(error)["__type"].endswith("ResourceNotFoundException"):
                raise ResourceNotFoundException() from error
            raise


def client(service):
    assert service == "secretsmanager"
    return _SecretsManager()
