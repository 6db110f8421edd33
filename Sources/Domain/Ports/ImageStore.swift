/// The images of this node.
package protocol ImageStore: Sendable {
    func list() async throws(DomainError) -> [Image]

    /// The canonical form of a reference (`busybox` → `docker.io/library/busybox:latest`), or an image id as it is.
    func normalize(_ reference: String) throws(DomainError) -> String

    /// Fetches a normalised reference; the image appears only when it is whole and verified. A cancellation leaves nothing.
    ///
    /// - Parameter progress: hears how far it is, as often as the store likes, never at all from some.
    func pull(
        _ reference: String, credentials: RegistryCredentials?, progress: @escaping @Sendable (PullProgress) -> Void
    ) async throws(DomainError) -> Image

    /// Removes the image with all its tags. Containers made from it keep running. One that is not there is removed already.
    func remove(_ id: ImageID) async throws(DomainError)

    /// The image file system, and that of the writable layers.
    func usage() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage)
}
