/// The most of each quantity that an image controls: in bytes held, time spent and room taken of the disk. All of them are here, each with
/// its reason; docs/images.md lists them for people, and a test holds that list, this one and a test for each against one another.
///
/// What an image has more of is refused by name before the disk has anything of it, except where it says that it is left out.
package struct ImageLimits: Equatable, Sendable {
    package static let standard = ImageLimits()

    // MARK: Documents

    /// Bytes of a manifest or index. The distribution specification has registries take 4 MiB ("Pushing Manifests").
    package var manifestBytes = 4 << 20
    /// Bytes of a configuration: as containers' own library takes.
    package var configBytes = 4 << 20
    /// Values of a manifest, index or configuration, and members of their objects: an empty object of two letters takes nearly a kilobyte
    /// of memory while it is read. Forty thousand ports are 40,000.
    package var documentValues = 100_000
    /// Arrays and objects in one another: reading is recursive.
    package var documentDepth = 32
    /// Images of an index, and what comes with them: a dozen platforms, each with its attestations, are fifty.
    package var indexEntries = 1_000
    /// Indexes in one another: builders put an image and its attestation into one of its own below the index of the platforms, which is two.
    package var indexDepth = 4
    /// Manifests and indexes that are fetched to find one image: each is a request. Of an index that names no platforms all are looked at.
    package var indexManifests = 64
    /// What overlayfs puts on one another (`OVL_MAX_STACK`); builders stop at 127.
    package var layers = 500
    /// Steps that an image was made by: layers, and those that made none.
    package var history = 4_096
    /// Ports that an image says it listens on. `EXPOSE` takes ranges: media servers have half of the 65,536.
    package var ports = 40_000

    // MARK: What a container is started with

    /// Variables, and bytes of all of them: the kernel takes two mebibytes for variables and arguments together (execve(2)), of which half
    /// is left to the pod.
    package var environment = 4_096
    package var environmentBytes = 1 << 20
    /// Words of the entry point and the command, and bytes of all of them; as above.
    package var arguments = 4_096
    package var argumentBytes = 512 << 10
    /// Volumes, and the components of all their paths: each is a directory that the pod's supervisor makes while everything else in the
    /// pod waits. Databases have two.
    package var volumes = 128
    package var volumeDirectories = 512
    /// Bytes of a path, without the NUL (`PATH_MAX`): of a working directory, a volume and a link's target.
    package var pathBytes = 4_095
    /// Bytes of a user, `name:group`: each of them is 255 at most (`LOGIN_NAME_MAX`).
    package var userBytes = 511
    /// Bytes of a stop signal's name: the longest is `SIGRTMAX-14`.
    package var signalBytes = 64
    /// Bytes of an operating system's, processor's or variant's name.
    package var platformBytes = 128

    // MARK: The store's records

    /// Annotations and bytes of them, keys and values, that are kept for lists; those of an image that has more are left out, and the
    /// image's record says so. An image has about ten, of a kilobyte together.
    package var annotations = 64
    package var annotationBytes = 4 << 10
    /// Labels likewise. All of them stay in the image's configuration.
    package var labels = 64
    package var labelBytes = 4 << 10
    /// Tags of an image, and digests: the oldest are forgotten for new ones.
    package var names = 100
    /// Images of a node; the kubelet begins to complain at fifty.
    package var images = 10_000
    /// Bytes that names with users and ids take in a list of all images, so that it stays below the 16 MiB that gRPC's clients take. A pull
    /// that would make it more is refused.
    package var listedNameBytes = 6 << 20
    /// Bytes of JSON that the annotations of all images take, and their labels; those that would be more are left out. Each of them costs
    /// a thousand times the time and twenty times the room of its bytes in whoever reads the list, and nobody decides by them: a thousand
    /// images with a kilobyte each are within.
    package var listedAnnotationBytes = 1 << 20
    package var listedLabelBytes = 1 << 20
    /// Bytes of `images.json` and of `layers.json`: half of what is read.
    package var indexBytes = 32 << 20

    // MARK: Layers

    /// Files, directories and so on that a layer makes, those among them that it only implies; and an image. The largest known have half
    /// a million.
    package var layerEntries = 1_000_000
    package var imageEntries = 2_000_000
    /// Components of a name, and levels of directories: each takes a descriptor and a step for whoever walks through it. A thousand
    /// levels are not found in software.
    package var depth = 256
    /// Bytes of a component (`NAME_MAX`).
    package var componentBytes = 255
    /// Bytes of a file's length, holes among them: the most that ext4 holds.
    package var fileLength: Int64 = 16 << 40
    /// Pieces of a file with holes.
    package var sparsePieces = 1 << 20
    /// Extended attributes of an entry, and bytes of their names and values: the kernel takes 64 KiB of each value and of all names.
    package var attributes = 128
    package var attributeBytes = 128 << 10
    /// Bytes of one extended header; and of all headers that are more than plain ones, in a layer: so many, and as many more for each entry.
    package var headerBytes = 1 << 20
    package var layerHeaderBytes: Int64 = 32 << 20
    package var entryHeaderBytes: Int64 = 2 << 10
    /// In all layers of an image, and as many more for each entry.
    package var imageHeaderBytes: Int64 = 128 << 20
    /// Bytes that never reach the disk: behind the archive's end, in whiteouts.
    package var discardedBytes: Int64 = 16 << 20
    /// Bytes that come out of a blob, and that it takes of the disk: so many, and as many times the blob's own as the ratio says; and of all
    /// layers of an image. gzip makes a thousand bytes of one, and zstd thirty thousand; software is compressed to a third.
    package var layerBytes: Int64 = 16 << 30
    package var imageBytes: Int64 = 64 << 30
    package var compressionRatio: Int64 = 100
    /// Directories that the kernel goes through on the way to what a layer names, links' among them: so many in a layer, and as many more
    /// for each entry.
    package var layerSteps = 64 << 20
    package var entrySteps = 256
    /// Of all layers of an image, and for each entry as above: the same blob may be many layers, each of which is unpacked.
    package var imageSteps = 128 << 20
    /// Directories of lower layers that are looked into, and gone through, for what a directory is like that an image only implies.
    package var settlingSteps = 16 << 20

    package init() {}
}

extension EngineError {
    /// An image has more of something than is taken: names the quantity and the bound.
    package static func beyond(_ limit: some BinaryInteger, _ what: String) -> EngineError {
        EngineError(.invalid, "has more than \(limit) \(what): of no image more are taken (docs/images.md)")
    }
}
