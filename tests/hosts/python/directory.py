"""Reads and changes a user directory through the connector: `python directory.py portcullis-zpa.component.wasm`, with
`PORTCULLIS_ENDPOINT` that of something which adds the token, as nothing here can put one on the wire."""

import json
import os
import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record, Variant

component, endpoint = sys.argv[1], os.environ["PORTCULLIS_ENDPOINT"]
engine = Engine()
linker = Linker(engine)
linker.add_wasip2()
linker.add_wasi_http()
store = Store(engine)
store.set_wasi(WasiConfig())
store.set_wasi_http()
instance = linker.instantiate(store, Component.from_file(engine, component))


def call(interface, function, *arguments):
    """Calls a function of the contract and answers its value and its error, one of them `None`."""
    index = instance.get_export_index(store, f"portcullis:directory/{interface}@0.1.0")
    result = instance.get_func(store, instance.get_export_index(store, function, index))(store, *arguments)
    # A result comes tagged where both cases are records, else plain; an error is always a record.
    failed = result.tag == "err" if isinstance(result, Variant) else isinstance(result, Record)
    value = result.payload if isinstance(result, Variant) else result
    return (None, value) if failed else (value, None)


account = Record()
account.endpoint, account.settings = endpoint, None
pages, cursor = [], None
while not pages or cursor is not None:
    page, error = call("user-directory", "list-users", account, cursor, 2, {"remote-data"})
    if error:
        sys.exit(error.message)
    pages.append(page)
    cursor = getattr(page, "next-cursor")

_, error = call("user-directory", "get-user", account, "nobody", set())
description, _ = call("descriptor", "describe", account)


def text(field, value):
    change = Record()
    change.field, change.value = field, Variant("text", value)
    return change


joiner, _ = call("user-directory", "create-user", account, [text("username", "joiner@acme.example")], set())
promoted, _ = call("user-directory", "update-user", account, joiner.id, [text("title", "Analyst")], {"verify"})
call("user-directory", "delete-user", account, joiner.id, set())
written = [joiner.username, promoted.title]


def plain(value):
    return sorted(value) if isinstance(value, set) else vars(value)


print(json.dumps({"description": description, "pages": pages, "error": error, "written": written}, default=plain))
