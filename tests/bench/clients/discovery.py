"""Writes what a SCIM server would say of itself, for a command that asks for it: `python discovery.py DIRECTORY`."""

import json
import pathlib
import sys

from scim2_models import EnterpriseUser, ListResponse, ResourceType, Schema, ServiceProviderConfig, User

directory = pathlib.Path(sys.argv[1])
kind = ResourceType.from_resource(User[EnterpriseUser])
schemas = [User.to_schema(), EnterpriseUser.to_schema()]


def listing(name, of, resources):
    response = ListResponse[of](total_results=len(resources), items_per_page=len(resources), start_index=1, resources=resources)
    (directory / name).write_text(response.model_dump_json())


listing("resource-types.json", ResourceType, [kind])
listing("schemas.json", Schema, schemas)
off = {"supported": False}
config = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"], "authenticationSchemes": [],
          **{name: off for name in ["patch", "changePassword", "sort", "etag"]},
          "filter": {"supported": False, "maxResults": 100},
          "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0}}
(directory / "service.json").write_text(ServiceProviderConfig.model_validate(config).model_dump_json())
