"""Writes an OCI image layout. https://github.com/opencontainers/image-spec/blob/v1.0.2/image-layout.md"""

import json
import os

from .layer import compressed, digest

MEDIA = "application/vnd.oci.image."
CREATED = "2024-01-01T00:00:00Z"


class Layout:
    def __init__(self, path):
        self._path = path
        os.makedirs(os.path.join(path, "blobs", "sha256"))
        self._write("oci-layout", json.dumps({"imageLayoutVersion": "1.0.0"}).encode())

    def image(self, tars, config, architecture="amd64", variant=None, compress=True, diff_ids=None, annotations=None,
              os_name="linux"):
        """Stores one image; returns the descriptor of its manifest, with its platform. A layer is an archive, or a pair of what is
        stored of it and its diff id."""
        layers = []
        for tar in tars:
            blob = tar[0] if isinstance(tar, tuple) else compressed(tar) if compress else tar
            media = MEDIA + ("layer.v1.tar+gzip" if compress else "layer.v1.tar")
            layers.append(self._blob(blob, media))
        platform = {"architecture": architecture, "os": os_name} | ({"variant": variant} if variant else {})
        document = platform | {
            "created": CREATED,
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": diff_ids or [tar[1] if isinstance(tar, tuple) else digest(tar) for tar in tars]},
            "history": [{"created": CREATED, "created_by": f"layer {number}"} for number in range(len(tars))],
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MEDIA + "manifest.v1+json",
            "config": self._blob(json.dumps(document).encode(), MEDIA + "config.v1+json"),
            "layers": layers,
        } | ({"annotations": annotations} if annotations else {})
        return self._blob(json.dumps(manifest).encode(), MEDIA + "manifest.v1+json") | {"platform": platform}

    def index(self, manifests):
        """Stores an index; returns its descriptor."""
        document = {"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json", "manifests": manifests}
        return self._blob(json.dumps(document).encode(), MEDIA + "index.v1+json")

    def finish(self, manifests, as_list):
        """The index: the one image, or a list of images for several platforms under one name."""
        if as_list:
            manifests = [self.index(manifests)]
        entry = {key: value for key, value in manifests[0].items() if key != "platform"}
        entry["annotations"] = {"org.opencontainers.image.ref.name": "latest"}
        self._write("index.json", json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode())
        return entry["digest"]

    def blob_path(self, name):
        return os.path.join(self._path, "blobs", *name.split(":"))

    def manifest(self, descriptor):
        with open(self.blob_path(descriptor["digest"]), encoding="utf-8") as stream:
            return json.load(stream)

    def corrupt(self, name):
        """Other bytes, of the same length, under an honest name."""
        with open(self.blob_path(name), "r+b") as stream:
            stream.seek(-1, os.SEEK_END)
            last = stream.read(1)
            stream.seek(-1, os.SEEK_END)
            stream.write(bytes([last[0] ^ 0xFF]))

    def _blob(self, data, media):
        name = digest(data)
        self._write(os.path.join("blobs", *name.split(":")), data)
        return {"mediaType": media, "digest": name, "size": len(data)}

    def _write(self, name, data):
        with open(os.path.join(self._path, name), "wb") as stream:
            stream.write(data)
