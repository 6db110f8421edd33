#!/bin/sh
# Makes ../Generated from runtime/v1/api.proto.
#
# Needs protoc (Debian: protobuf-compiler). The two generators are built from the package's own
# dependencies, which takes some minutes the first time; PROTOC_PLUGINS=DIR names a directory that
# holds both of them already.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
output=$here/../Generated

command -v protoc >/dev/null || {
    echo "generate.sh: protoc is not installed (apt-get install protobuf-compiler)" >&2
    exit 1
}

if [ -z "${PROTOC_PLUGINS:-}" ]; then
    for product in protoc-gen-swift protoc-gen-grpc-swift-2; do
        swift build --package-path "$root" --product "$product"
    done
    PROTOC_PLUGINS=$(swift build --package-path "$root" --show-bin-path)
fi

mkdir -p "$output"
protoc --proto_path="$here" \
    --plugin="$PROTOC_PLUGINS/protoc-gen-swift" \
    --swift_opt=Visibility=Package,UseAccessLevelOnImports=false,FileNaming=DropPath --swift_out="$output" \
    --plugin="$PROTOC_PLUGINS/protoc-gen-grpc-swift-2" \
    --grpc-swift-2_opt=Visibility=Package,UseAccessLevelOnImports=false,FileNaming=DropPath,Server=true,Client=false \
    --grpc-swift-2_out="$output" \
    "$here/runtime/v1/api.proto"
# Requests are decoded by a type of ours, which looks at the keys of their maps first.
sed -i 's/GRPCProtobuf\.ProtobufDeserializer</RequestDeserializer</' "$output/api.grpc.swift"
# What the generated code was made from: a test compares it with the proto.
(cd "$here" && sha256sum runtime/v1/api.proto >generated-from.sha256)
echo "generated: $(cd "$output" && ls)"
