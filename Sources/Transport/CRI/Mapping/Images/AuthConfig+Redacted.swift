/// Messages describe themselves with all their fields. Where one of them is a secret, they do not.
extension Runtime_V1_AuthConfig {
    package var debugDescription: String { "runtime.v1.AuthConfig(<redacted>)" }
}

extension Runtime_V1_PullImageRequest {
    package var debugDescription: String {
        "runtime.v1.PullImageRequest(image: \(image.image.quotedForMessage), <redacted>)"
    }
}
