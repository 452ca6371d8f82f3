"""Reads a list of users with scim2-client: `python python.py default|raw ENDPOINT [--content]`."""

import json
import resource
import sys
import time

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import EnterpriseUser, ResourceType, ScimProvider, SearchRequest, User

mode, endpoint, *content = sys.argv[1:]
provider = ScimProvider(models=[User, EnterpriseUser], resource_types=[ResourceType.from_resource(User[EnterpriseUser])])
client = SyncSCIMClient(httpx2.Client(base_url=endpoint), provider=provider)
checks = {} if mode == "default" else {"check_response_payload": False}
EXTENSION = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def line(user):
    if mode == "raw":
        return "|".join([user["id"], user["userName"], user["displayName"], user["emails"][0]["value"],
                         user[EXTENSION]["department"], ",".join(group["value"] for group in user["groups"])])
    return "|".join([user.id, user.user_name, user.display_name, user.emails[0].value,
                     user[EnterpriseUser].department, ",".join(group.value for group in user.groups)])


start = time.perf_counter()
users, index, total = 0, 1, None
while total is None or index <= total:
    page = client.query(User[EnterpriseUser], query_parameters=SearchRequest(start_index=index, count=100), **checks)
    rows, total = (page["Resources"], page["totalResults"]) if mode == "raw" else (page.resources, page.total_results)
    users, index = users + len(rows), index + len(rows)
    if content:
        for user in rows:
            print(line(user))
seconds = time.perf_counter() - start
if not content:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "users": users, "peak_bytes": peak}))
