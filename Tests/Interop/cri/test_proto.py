"""The proto we serve against the facts of the interface, with a compiler we did not write.

Run with any Python that has grpcio-tools: python3 -m unittest Tests/Interop/cri/test_proto.py
"""

import hashlib
import json
import pathlib
import re
import tempfile
import unittest

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

HERE = pathlib.Path(__file__).resolve().parent
PROTO = HERE.parents[2] / "Sources/Transport/CRI/Proto"
GENERATED = HERE.parents[2] / "Sources/Transport/CRI/Generated"
FACTS = json.loads((HERE / "wire-facts.json").read_text())
FIELD = descriptor_pb2.FieldDescriptorProto


def compile_proto():
    with tempfile.NamedTemporaryFile() as output:
        code = protoc.main(
            ["protoc", f"-I{PROTO}", f"--descriptor_set_out={output.name}", str(PROTO / "runtime/v1/api.proto")]
        )
        if code != 0:
            raise AssertionError(f"protoc ended with {code}")
        return descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(output.name).read_bytes()).file[0]


def type_name(field, maps):
    if field.type_name in maps:
        return "map<" + ",".join(maps[field.type_name]) + ">"
    if field.type_name:
        return field.type_name.removeprefix(".runtime.v1.")
    return FIELD.Type.Name(field.type).removeprefix("TYPE_").lower()


def label_name(field, maps):
    if field.type_name in maps:
        return "map"
    return "repeated" if field.label == FIELD.LABEL_REPEATED else "singular"


class ProtoMatchesTheInterface(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.file = compile_proto()

    def test_package_and_syntax(self):
        self.assertEqual((self.file.package, self.file.syntax), ("runtime.v1", "proto3"))

    def test_services_and_rpcs(self):
        found = {}
        for service in self.file.service:
            found[service.name] = {
                rpc.name: [
                    rpc.input_type.removeprefix(".runtime.v1."),
                    ("stream " if rpc.server_streaming else "") + rpc.output_type.removeprefix(".runtime.v1."),
                ]
                for rpc in service.method
            }
            self.assertFalse(any(rpc.client_streaming for rpc in service.method))
        self.assertEqual({name: len(rpcs) for name, rpcs in found.items()}, {"RuntimeService": 37, "ImageService": 6})
        self.assertEqual(found, FACTS["services"])

    def test_messages_and_fields(self):
        found = {}
        for message in self.file.message_type:
            maps = {
                f".runtime.v1.{message.name}.{entry.name}": [type_name(part, {}) for part in entry.field]
                for entry in message.nested_type
                if entry.options.map_entry
            }
            found[message.name] = {
                field.name: [field.number, label_name(field, maps), type_name(field, maps)] for field in message.field
            }
        expected = {
            name: {field: fact[:3] for field, fact in fields.items()} for name, fields in FACTS["messages"].items()
        }
        self.assertEqual(found, expected)

    def test_deprecated_fields(self):
        found = {
            (message.name, field.name)
            for message in self.file.message_type
            for field in message.field
            if field.options.deprecated
        }
        expected = {
            (name, field)
            for name, fields in FACTS["messages"].items()
            for field, fact in fields.items()
            if "deprecated" in fact[3:]
        }
        self.assertEqual(found, expected)

    def test_enums(self):
        found = {enum.name: {value.name: value.number for value in enum.value} for enum in self.file.enum_type}
        for message in self.file.message_type:
            for enum in message.enum_type:
                found[f"{message.name}.{enum.name}"] = {value.name: value.number for value in enum.value}
        self.assertEqual(found, FACTS["enums"])

    def test_numbers_that_are_easy_to_get_wrong(self):
        fields = {
            (message.name, field.name): field for message in self.file.message_type for field in message.field
        }
        for key, number in {
            ("Mount", "uidMappings"): 6,
            ("Mount", "gidMappings"): 7,
            ("ImageSpec", "user_specified_image"): 18,
            ("ImageSpec", "runtime_handler"): 19,
            ("ImageSpec", "image_ref"): 20,
            ("Namespace", "options"): 2,
            ("LinuxSandboxSecurityContext", "run_as_group"): 8,
            ("LinuxContainerSecurityContext", "run_as_group"): 12,
            ("ContainerConfig", "CDI_devices"): 17,
            ("ContainerStatus", "image_id"): 17,
            ("PsiStats", "Full"): 1,
        }.items():
            self.assertEqual(fields[key].number, number, key)
        self.assertEqual(fields["KeyValue", "value"].type, FIELD.TYPE_BYTES)
        self.assertEqual(fields["ExecSyncResponse", "stdout"].type, FIELD.TYPE_BYTES)

    def test_secret_fields_are_marked(self):
        source = (PROTO / "runtime/v1/api.proto").read_text().splitlines()
        for message, fields in FACTS["messages"].items():
            for field, fact in fields.items():
                if "secret" not in fact[3:]:
                    continue
                start = source.index(f"message {message} {{")
                line = source.index(f"    {fact[2]} {field} = {fact[0]};", start)
                self.assertIn("Secret", source[line - 1], f"{message}.{field}")

    def test_generated_swift_is_made_from_this_proto(self):
        recorded = (PROTO / "generated-from.sha256").read_text().split()[0]
        actual = hashlib.sha256((PROTO / "runtime/v1/api.proto").read_bytes()).hexdigest()
        self.assertEqual(recorded, actual, "run Sources/Transport/CRI/Proto/generate.sh")

    def test_generated_swift_holds_every_message_and_rpc(self):
        messages = (GENERATED / "api.pb.swift").read_text()
        services = (GENERATED / "api.grpc.swift").read_text()
        found = re.findall(r"extension Runtime_V1_(\w+): SwiftProtobuf.Message,", messages)
        self.assertEqual(set(found), set(FACTS["messages"]))
        rpcs = {rpc for rpcs in FACTS["services"].values() for rpc in rpcs}
        self.assertEqual(set(re.findall(r'method: "(\w+)"', services)), rpcs)


if __name__ == "__main__":
    unittest.main()
