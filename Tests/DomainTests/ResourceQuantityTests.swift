import Domain
import Testing

@Suite("Quantities of Kubernetes", .timeLimit(.minutes(10)))
struct ResourceQuantityTests {
    @Test(
        "an amount is read as the API reads it, rounded up to a whole",
        arguments: [
            ("0", 0), ("10", 10), ("+10", 10), ("10M", 10_000_000), ("1k", 1_000), ("1Ki", 1_024),
            ("1.5Gi", 1_610_612_736), ("1.0001", 2),
            ("100m", 1), ("2000m", 2), ("2e6", 2_000_000), ("2E+3", 2_000), ("1e-3", 1), (".5k", 500), ("1.", 1),
            ("9223372036854775807m", nil),
            ("7Ei", 8_070_450_532_247_928_832), ("8Ei", nil), ("9E", 9_000_000_000_000_000_000), ("10E", nil),
            ("", nil), ("M", nil), ("-1", nil),
            (".", nil), ("1.1.1", nil), ("1 M", nil), ("10MB", nil), ("1e19", nil), ("1e", nil), ("1ee3", nil),
            ("0x10", nil), ("1\u{301}M", nil),
            ("1M\u{301}", nil), ("\u{661}", nil), ("1K", nil),
        ] as [(String, Int64?)])
    func reads(text: String, value: Int64?) { #expect(ResourceQuantity(text)?.value == value) }

    @Test(
        "a bandwidth that cannot be read or kept refuses the pod, naming the annotation",
        arguments: ["", "fast", "999", "1001T", "-1M", "10M\u{301}"], ["ingress", "egress"])
    func refuses(text: String, direction: String) {
        let key = "kubernetes.io/\(direction)-bandwidth"
        let error = #expect(throws: DomainError.self) { try NetworkBandwidth(annotations: [key: text]) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(key) == true)
    }

    @Test("both directions are limited apart")
    func limits() throws {
        #expect(try NetworkBandwidth(annotations: ["a": "b"]).isUnlimited)
        let limits = try NetworkBandwidth(annotations: [
            "kubernetes.io/ingress-bandwidth": "1M", "kubernetes.io/egress-bandwidth": "1P",
        ])
        #expect(limits.ingress == 1_000_000)
        #expect(limits.egress == 1_000_000_000_000_000)
    }
}
