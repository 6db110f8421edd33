import Domain
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct CredentialsTests {
    private let auth = Runtime_V1_AuthConfig.with {
        $0.username = "user"
        $0.password = "hunter2"
        $0.auth = "aHVudGVyMg=="
        $0.serverAddress = "registry.example"
        $0.identityToken = "id-secret"
        $0.registryToken = "reg-secret"
    }

    @Test func `credentials arrive as secrets`() throws {
        let credentials = try RegistryCredentials(wire: auth, at: FieldPath("auth"))
        #expect(credentials.username == "user")
        #expect(credentials.password.reveal() == "hunter2")
        #expect(credentials.auth.reveal() == "aHVudGVyMg==")
        #expect(credentials.serverAddress == "registry.example")
        #expect(credentials.identityToken.reveal() == "id-secret")
        #expect(credentials.registryToken.reveal() == "reg-secret")
        #expect(!credentials.isAnonymous)
        #expect(try RegistryCredentials(wire: .init(), at: FieldPath("auth")).isAnonymous)
    }

    @Test func `no description shows a secret`() throws {
        let request = Runtime_V1_PullImageRequest.with {
            $0.image.image = "busybox"
            $0.auth = auth
        }
        let texts = [
            "\(auth)", String(reflecting: auth), "\(request)", String(reflecting: request),
            String(describing: try RegistryCredentials(wire: auth, at: FieldPath("auth"))),
        ]
        for text in texts {
            for secret in ["hunter2", "aHVudGVyMg", "id-secret", "reg-secret"] { #expect(!text.contains(secret)) }
        }
    }

    @Test func `an error about a secret does not show it`() {
        var auth = auth
        auth.identityToken = "id-secret\n"
        #expect(throws: DomainError(.invalidArgument, "auth.identity_token: holds a control character")) {
            try RegistryCredentials(wire: auth, at: FieldPath("auth"))
        }
    }
}
