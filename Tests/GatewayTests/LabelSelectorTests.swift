import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct LabelSelectorTests {
    private static let labels = ["app": "web", "tier": "front", "empty": ""]

    @Test(arguments: [
        ("app=web", true), ("app==web", true), ("app=db", false), ("app!=web", false), ("app!=db", true),
        ("other!=db", true), ("other=", false), ("empty=", true), ("app in (db, web)", true), ("app in (db)", false),
        ("app notin (db,cache)", true), ("app notin (web)", false), ("other notin (x)", true), ("app", true),
        ("other", false), ("!other", true), ("!app", false), ("app=web,tier=front", true),
        ("app=web,tier=back", false), ("app in (web,db),tier notin (back),!canary", true), (" app = web , tier ", true),
        ("empty in (,x)", true), ("", true), ("  ", true),
    ])
    func `what it says holds or does not`(text: String, holds: Bool) throws {
        #expect(try #require(LabelSelector(text)).matches(Self.labels) == holds)
    }

    @Test(arguments: [
        ",", "=web", "app=web,", "app in web", "app in (web", "app of (web)", "app=a=b", "!", "!=x", "a b", "app<3",
        "app in ((web))", "in (a)", "a!b", "app=(web)",
    ])
    func `what is none is refused`(text: String) {
        #expect(LabelSelector(text) == nil)
    }
}
