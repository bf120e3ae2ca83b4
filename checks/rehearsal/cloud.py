"""MiniStack, which plays AWS here: its process, its certificate, and clients for it."""

import datetime
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import botocore.session
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

REGION = "us-east-1"
ACCOUNT = "123456789012"
# The account's own key, which may do everything. MiniStack names it by the account.
ROOT = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "none"}


def certificates(folder):
    """Writes an authority and the certificate of MiniStack, and returns their files.

    The `keys` function answers CloudFormation by https only, and trusts authorities only.
    """
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name, key, issuer, signer, authority, names=()):
        built = (x509.CertificateBuilder()
                 .subject_name(name).issuer_name(issuer).public_key(key.public_key())
                 .serial_number(x509.random_serial_number())
                 .not_valid_before(now - datetime.timedelta(minutes=5))
                 .not_valid_after(now + datetime.timedelta(days=1))
                 .add_extension(x509.BasicConstraints(authority, None), critical=True))
        if names:
            alternatives = x509.SubjectAlternativeName(list(map(x509.DNSName, names)))
            built = built.add_extension(alternatives, critical=False)
        return built.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def name(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate(name("rehearsal"), root, name("rehearsal"), root, True)
    names = ["localhost", "*.execute-api.localhost"]
    served = certificate(name("localhost"), leaf, name("rehearsal"), root, False, names)
    private = leaf.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption())
    files = {"ca.pem": authority, "server.pem": served, "server.key": private}
    for file, content in files.items():
        Path(folder, file).write_bytes(content)
    return [Path(folder, file) for file in files]


class Cloud:
    """A running MiniStack, in a folder of its own. Everything in it ends with it."""

    def __init__(self, folder, port, passage):
        self.folder, self.port = Path(folder), port
        self.authority, served, private = certificates(folder)
        self.log = open(self.folder / "ministack.log", "w")
        # The functions inherit this environment and add what the stack gives to them.
        # They reach AWS by the passage, which notes what they ask for.
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder),
            "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "PERSIST_STATE": "0",
            "SFTP_ENABLED": "0", "IOT_MTLS_ENABLED": "0", "USE_SSL": "1", "AUTH": "true",
            "MINISTACK_SSL_CERT": str(served), "MINISTACK_SSL_KEY": str(private),
            "MINISTACK_ACCOUNT_ID": ACCOUNT, "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": passage.url, "SSL_CERT_FILE": str(self.authority),
            "LOG_LEVEL": "INFO",
        }
        program = Path(__file__).with_name("aws.py")
        self.process = subprocess.Popen([sys.executable, program], env=environment, cwd=self.folder,
                                        stdout=self.log, stderr=subprocess.STDOUT,
                                        start_new_session=True)
        self.trust = ssl.create_default_context(cafile=self.authority)
        self.trust.check_hostname = False
        deadline = time.monotonic() + 60
        while True:
            try:
                self.ask("GET", "/_ministack/health")
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit((self.folder / "ministack.log").read_text()) from None
                time.sleep(0.1)

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.trust, timeout=90)

    def ask(self, method, path):
        """What MiniStack tells of itself."""
        connection = self.connect()
        connection.request(method, path, headers={"host": f"localhost:{self.port}"})
        answer = connection.getresponse().read()
        connection.close()
        try:
            return json.loads(answer)
        except ValueError:
            return None

    def client(self, service, credentials=None):
        """A client of AWS's own SDK for Python."""
        credentials = credentials or ROOT
        return botocore.session.Session().create_client(
            service, region_name=REGION, endpoint_url=f"https://localhost:{self.port}",
            verify=str(self.authority), aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
            config=Config(retries={"total_max_attempts": 1}, read_timeout=120,
                          s3={"addressing_style": "path"}))

    def errors(self):
        """What the functions logged as errors."""
        logs = self.client("logs")
        found = []
        for group in logs.describe_log_groups()["logGroups"]:
            events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
            found += [f"{group['logGroupName']}: {one['message']}" for one in events
                      if '"level":"ERROR"' in one["message"]]
        return found

    def stop(self):
        # The functions are processes of MiniStack's, in the same session.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()
