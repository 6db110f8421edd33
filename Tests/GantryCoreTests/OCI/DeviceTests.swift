import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct DeviceTests {
    @Test func `Devices are found by path, through directories, with their permissions`() throws {
        var devices = SpecCase()
        devices.host.device("/dev/snd/pcm", 116, 1)
        devices.host.device("/dev/snd/by/id", 116, 2)
        devices.host.directory("/dev/snd")
        devices.host.device("/dev/fuse", 10, 229)
        devices.config.devices = [
            .init(containerPath: "/dev/sound", hostPath: "/dev/snd", permissions: "r"),
            .init(containerPath: "", hostPath: "/dev/fuse", permissions: "rw"),
        ]
        let linux = try devices.build().json["linux"]
        #expect(
            linux?["devices"]?.arrayValue?.map { $0["path"] } == ["/dev/sound/pcm", "/dev/sound/by/id", "/dev/fuse"])
        #expect(
            linux?["resources"]?["devices"]?.arrayValue?.last
                == ["allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"])
        devices.config.devices = [.init(containerPath: "", hostPath: "/dev/none", permissions: "rwm")]
        #expect(try #require(throws: EngineError.self) { try devices.build() }.message.contains("devices[0]"))
        devices.host.file("/dev/plain")
        devices.config.devices = [.init(containerPath: "", hostPath: "/dev/plain", permissions: "rwm")]
        #expect(try #require(throws: EngineError.self) { try devices.build() }.message.contains("not a device"))
    }

    @Test func `CDI devices bring their edits, and the file's own once`() throws {
        var cdi = SpecCase()
        cdi.host.device("/dev/gpu0", 195, 0)
        cdi.host.device("/dev/gpu1", 195, 1)
        cdi.host.files["/etc/cdi/old.json"] =
            #"{"kind":"v.com/gpu","devices":[{"name":"0","containerEdits":{"env":["OLD=1"]}}]}"#
        cdi.host.files["/var/run/cdi/v.json"] = """
            {"cdiVersion":"0.6.0","kind":"v.com/gpu","containerEdits":{"env":["COMMON=1"],"hooks":[
              {"hookName":"createContainer","path":"/bin/hook","args":["hook"]}]},
             "devices":[{"name":"0","containerEdits":{"deviceNodes":[{"path":"/dev/gpu0","permissions":"rw"}]}},
                        {"name":"1","containerEdits":{"deviceNodes":[{"path":"/dev/g","hostPath":"/dev/gpu1"}],
                          "mounts":[{"hostPath":"/lib/x","containerPath":"/lib/x"}],"additionalGids":[44]}}]}
            """
        cdi.config.cdiDevices = ["v.com/gpu=0", "v.com/gpu=1"]
        let built = try cdi.build()
        #expect(built.environment.filter { $0.name == "COMMON" }.count == 1)
        #expect(!built.environment.contains { $0.name == "OLD" })
        #expect(built.json["linux"]?["devices"]?.arrayValue?.map { $0["path"] } == ["/dev/gpu0", "/dev/g"])
        #expect(built.json.mount("/lib/x") != nil)
        #expect(built.json["hooks"] == ["createContainer": [["path": "/bin/hook", "args": ["hook"]]]])
        #expect(built.user.supplementalGroups == [0, 44])
        cdi.config.cdiDevices = ["v.com/gpu=2"]
        cdi.host.files["/etc/cdi/broken.yaml"] = "kind: ["
        let error = try #require(throws: EngineError.self) { try cdi.build() }
        #expect(error.message.contains("v.com/gpu=2") && error.message.contains("/etc/cdi/broken.yaml"))
    }

    @Test func `CDI files in YAML mean what they mean in JSON`() throws {
        var cdi = SpecCase()
        cdi.host.device("/dev/gpu0", 195, 0)
        cdi.host.files["/etc/cdi/nvidia.yaml"] = """
            ---
            cdiVersion: 0.5.0
            kind: v.com/gpu
            containerEdits:
              env:
              - VISIBLE=void
              hooks:
              - hookName: createContainer
                path: /usr/bin/v-hook
                args: [v-hook, "0"]
            devices:
            - name: "0"
              containerEdits:
                deviceNodes:
                - path: /dev/gpu0
                  permissions: rw
                  fileMode: 0660
                  gid: 44
                - {path: /dev/made, type: c, major: 7, minor: 8}
                mounts:
                - hostPath: /lib/x
                  containerPath: /lib/x
                  options: [ro, nosuid, bind]
            """
        cdi.config.cdiDevices = ["v.com/gpu=0"]
        let built = try cdi.build()
        #expect(built.environment.contains { $0.name == "VISIBLE" && $0.value == "void" })
        let devices = built.json["linux"]?["devices"]?.arrayValue ?? []
        #expect(devices.map { $0["path"] } == ["/dev/gpu0", "/dev/made"])
        #expect(devices.first?["fileMode"] == .integer(0o660) && devices.first?["gid"] == 44)
        #expect(devices.last?["major"] == 7 && devices.last?["minor"] == 8)
        #expect(built.json.options("/lib/x").contains("nosuid"))
        #expect(
            built.json["hooks"] == ["createContainer": [["path": "/usr/bin/v-hook", "args": ["v-hook", "0"]]]])
    }

    @Test(
        "What a CDI file asks for and is not known is refused by its name",
        arguments: [
            ("intelRdt: {}", "intelRdt"), ("deviceNodes: [{path: /dev/gpu0, colour: red}]", "colour"),
            ("deviceNodes: [{path: /dev/none}]", "/dev/none"),
            ("deviceNodes: [{path: /dev/x, type: p, major: 1}]", "type"),
            ("mounts: [{hostPath: /a, containerPath: /b, x: y}]", "x"), ("env: [A]", "NAME=VALUE"),
        ])
    func unknownEdits(_ edits: String, part: String) throws {
        var cdi = SpecCase()
        cdi.host.device("/dev/gpu0", 195, 0)
        cdi.host.files["/etc/cdi/v.yaml"] = "kind: v.com/gpu\ndevices:\n- {name: a, containerEdits: {\(edits)}}\n"
        cdi.config.cdiDevices = ["v.com/gpu=a"]
        let error = try #require(throws: EngineError.self) { try cdi.build() }
        #expect(error.code == .invalid && error.message.contains("/etc/cdi/v.yaml") && error.message.contains(part))
    }
}
