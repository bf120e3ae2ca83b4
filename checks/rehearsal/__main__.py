"""Rehearses a deployment on emulators that are not ours.

usage: python checks/rehearsal FOLDER BUILT_TEMPLATE TOOL SAM, in the workspace's root
"""

import socket
import sys
from pathlib import Path

from acts import HERE, Rehearsal
from cloud import Cloud
from passage import Passage
from report import Report, table
from stack import REFUSED


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def main():
    folder, built, program, sam = (Path(name).resolve() for name in sys.argv[1:])
    folder.mkdir(parents=True)
    report, aws, front = Report(), Passage(), Passage()
    cloud = Cloud(folder, free_port(), aws)
    aws.cloud = front.cloud = cloud
    try:
        rehearsal = Rehearsal(report, cloud, aws, front, built, program, sam)
        rehearsal.run()
        if report.failed:
            print(*cloud.errors(), sep="\n")
    finally:
        cloud.stop()
    table("resources", [("type", "count", "where"), *(
        (kind, count, f"{HERE}: {', '.join(sorted(rehearsal.ends[kind]))}")
        for kind, count in sorted(rehearsal.kinds.items()))])
    table("resources that were left out", [("resource", f"{HERE} lacks"), *REFUSED.items()])
    table("requests to AWS, each allowed by its role", [("role", "operation", "count"), *(
        (*asked, count) for asked, count in sorted(rehearsal.counts.items()))])
    report.print()
    sys.exit(1 if report.failed else 0)


main()
