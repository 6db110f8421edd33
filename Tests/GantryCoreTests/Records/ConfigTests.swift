import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct ConfigTests {
    @Test func `A full pod configuration survives being written and read`() throws {
        let document: JSON = [
            "version": 1, "uuid": "0b5e2a52-3c9c-4d2e-8f83-3c1f2b1d9a01", "unit": "rktlet-pod-a.service",
            "hostname": "web-0",
            "dns": ["servers": ["10.0.0.10", "fe80::1%eth0"], "searches": ["svc.local"], "options": ["ndots:5"]],
            "hosts": [["ip": "10.1.2.3", "names": ["a", "b"]]],
            "network": [
                "mode": "cni", "name": "n", "confDir": "/c", "binDirs": ["/b"], "args": ["K8S_POD_NAME": "web-0"],
                "capabilities": ["bandwidth": ["ingressRate": 1000]],
            ],
            "ports": [["protocol": "sctp", "containerPort": 80, "hostPort": 8080, "hostIP": "::1"]],
            "namespaces": [
                "pid": "pod", "ipc": "host",
                "user": [
                    "uids": [["hostID": 100000, "containerID": 0, "length": 65536]],
                    "gids": [["hostID": 100000, "containerID": 0, "length": 65536]],
                ],
            ],
            "sysctls": ["net.ipv4.ip_unprivileged_port_start": "0"], "shmSize": 1_048_576, "stopTimeoutSeconds": 5,
            "containerID": "abc", "annotations": ["a": "b"], "userAnnotations": ["c": "d"], "userLabels": ["e": "f"],
        ]
        let config = try PodConfig(json: document)
        #expect(config.json == document)
        #expect(config.namespaces.user?.uids.first?.length == 65536)
    }

    /// The daemon's rule, so that what it took is not refused by the engine as if the node were ill.
    @Test func `A host name is what the daemon takes for one`() throws {
        for name in ["D_Px5k", "-", "a..b", String(repeating: "h", count: 64)] {
            #expect(try PodConfig(json: ["version": 1, "hostname": .string(name)]).hostname == name)
        }
        for name in ["a b", "a/b", "é", String(repeating: "h", count: 65)] {
            #expect(throws: EngineError.self) { try PodConfig(json: ["version": 1, "hostname": .string(name)]) }
        }
    }

    @Test func `What a pod configuration leaves out has its default`() throws {
        let config = try PodConfig(json: ["version": 1])
        #expect(config == PodConfig())
        #expect(config.shmSize == 67_108_864)
        #expect(config.network.mode == .cni)
        #expect(try PodConfig(json: config.json) == config)
    }

    @Test(arguments: [
        (#"{}"#, "version"),
        (#"{"version":2}"#, "version"),
        (#"{"version":1,"hostnam":"x"}"#, "hostnam: unknown key"),
        (#"{"version":1,"dns":{"server":[]}}"#, "dns.server: unknown key"),
        (#"{"version":1,"hostname":7}"#, "hostname: must be a string"),
        (#"{"version":1,"hostname":"a b"}"#, "hostname"),
        (#"{"version":1,"uuid":"x"}"#, "uuid"),
        (#"{"version":1,"dns":{"servers":["nine"]}}"#, "dns.servers"),
        (#"{"version":1,"dns":{"searches":["a\nnameserver 6.6.6.6"]}}"#, "dns.searches"),
        (#"{"version":1,"hosts":[{"ip":"1.2.3.4","names":["a"]},{"ip":"x","names":["a"]}]}"#, "hosts[1].ip"),
        (#"{"version":1,"ports":[{"containerPort":0}]}"#, "ports[0].containerPort"),
        (#"{"version":1,"ports":[{"containerPort":80,"hostPort":70000}]}"#, "ports[0].hostPort"),
        (#"{"version":1,"ports":[{"containerPort":80,"protocol":"icmp"}]}"#, "tcp, udp, sctp"),
        (#"{"version":1,"network":{"mode":"bridge"}}"#, "network.mode"),
        (#"{"version":1,"network":{"confDir":"etc"}}"#, "network.confDir"),
        (#"{"version":1,"network":{"args":{"A":"b;C=d"}}}"#, "network.args"),
        (#"{"version":1,"network":{"capabilities":[]}}"#, "network.capabilities"),
        (#"{"version":1,"namespaces":{"user":{"uids":[],"gids":[]}}}"#, "namespaces.user.uids"),
        (#"{"version":1,"sysctls":{"kernel/../../x":"1"}}"#, "sysctls"),
        (#"{"version":1,"containerID":"../x"}"#, "containerID"),
        (#"[]"#, "object"),
    ])
    func `A bad pod configuration is refused, naming the place`(text: String, place: String) throws {
        let document = try JSON(parsing: text)
        let error = try #require(throws: EngineError.self) { try PodConfig(json: document) }
        #expect(error.message.contains(place), "\(error.message)")
        #expect(error.code == .invalid || error.code == .unsupported)
    }

    @Test func `A full app configuration survives being written and read`() throws {
        let document: JSON = [
            "version": 1, "command": ["/bin/sh"], "args": ["-c", "x"], "workingDir": "/w",
            "env": [["name": "A", "value": "two\nlines"]],
            "user": [
                "uid": 1000, "username": "", "gid": 1000, "supplementalGroups": [1, 2], "groupsPolicy": "strict",
            ],
            "tty": true, "stdin": true, "stdinOnce": false,
            "mounts": [
                [
                    "containerPath": "/data", "hostPath": "/srv", "readonly": true, "recursiveReadOnly": true,
                    "propagation": "private", "selinuxRelabel": false, "image": "", "imageSubPath": "",
                    "uidMappings": [], "gidMappings": [],
                ]
            ],
            "devices": [["containerPath": "/dev/x", "hostPath": "/dev/null", "permissions": "rw"]],
            "cdiDevices": ["vendor.com/class=name"],
            "capabilities": ["add": ["CAP_NET_ADMIN"], "drop": ["ALL"], "addAmbient": ["CAP_CHOWN"]],
            "privileged": false, "readonlyRootfs": true, "noNewPrivileges": true,
            "seccomp": ["type": "localhost", "path": "/p.json"],
            "apparmor": ["type": "localhost", "profile": "p"],
            "selinux": ["user": "u", "role": "r", "type": "t", "level": "s0:c1,c2"],
            "maskedPaths": [], "readonlyPaths": ["/proc/sys"],
            "namespaces": ["pid": "target", "target": "other"],
            "resources": [
                "cpuPeriod": 100000, "cpuQuota": 50000, "cpuShares": 2, "cpusetCpus": "0-1", "cpusetMems": "0",
                "memoryLimit": 1, "memorySwapLimit": -1, "oomScoreAdj": -998,
                "hugepageLimits": [["pageSize": "2MB", "limit": 4]], "unified": ["memory.high": "1"],
            ],
            "stopSignal": "SIGRTMIN+3", "stopTimeoutSeconds": 0, "logPath": "/l/0.log",
            "annotations": ["a": "b"], "userAnnotations": [:], "userLabels": [:],
        ]
        let config = try AppConfig(json: document)
        #expect(try AppConfig(json: config.json) == config)
        // What is as it is by default is left out.
        let written = config.json.objectValue ?? [:]
        #expect(written["stdinOnce"] == nil && written["privileged"] == nil && written["userLabels"] == nil)
        for key in ["resources", "maskedPaths", "env", "stopTimeoutSeconds", "selinux"] {
            #expect(written[key] == document[key])
        }
        #expect(config.stopSignal?.number == 37)
    }

    @Test(arguments: [
        (#"{"version":1,"cmd":[]}"#, "cmd: unknown key"),
        (#"{"version":1,"args":["a\u0000b"]}"#, "args[0]"),
        (#"{"version":1,"args":[1]}"#, "args[0]"),
        (#"{"version":1,"env":[{"name":"A=B","value":""}]}"#, "env[0].name"),
        (#"{"version":1,"user":{"gid":1}}"#, "user.gid"),
        (#"{"version":1,"user":{"uid":-1}}"#, "user.uid"),
        (#"{"version":1,"user":{"uid":1.5}}"#, "user.uid"),
        (#"{"version":1,"mounts":[{"containerPath":"data","hostPath":"/x"}]}"#, "mounts[0].containerPath"),
        (#"{"version":1,"mounts":[{"containerPath":"/","hostPath":"/x"}]}"#, "mounts[0].containerPath"),
        (#"{"version":1,"mounts":[{"containerPath":"/x"}]}"#, "mounts[0].hostPath"),
        (
            #"{"version":1,"mounts":[{"containerPath":"/x","hostPath":"/x","recursiveReadOnly":true}]}"#,
            "recursiveReadOnly"
        ),
        (
            #"{"version":1,"mounts":[{"containerPath":"/x","image":"i","readonly":true,"imageSubPath":"a/../.."}]}"#,
            "imageSubPath"
        ),
        (#"{"version":1,"mounts":[{"containerPath":"/x","image":"i"}]}"#, "readonly"),
        (#"{"version":1,"mounts":[{"containerPath":"/x","hostPath":"/x","options":["rw"]}]}"#, "options"),
        (#"{"version":1,"devices":[{"hostPath":"/dev/x","permissions":"rwx"}]}"#, "devices[0].permissions"),
        (#"{"version":1,"capabilities":{"add":["NET_ADMIN","FLY"]}}"#, "capabilities.add[1]"),
        (#"{"version":1,"seccomp":{"type":"localhost"}}"#, "seccomp.path"),
        (#"{"version":1,"seccomp":{"type":"unconfined","path":"/x"}}"#, "seccomp.path"),
        (#"{"version":1,"apparmor":{"type":"localhost"}}"#, "apparmor.profile"),
        (#"{"version":1,"namespaces":{"pid":"target"}}"#, "namespaces.target"),
        (#"{"version":1,"resources":{"oomScoreAdj":2000}}"#, "resources.oomScoreAdj"),
        (#"{"version":1,"resources":{"unified":{"../x":"1"}}}"#, "resources.unified"),
        (#"{"version":1,"resources":{"cpusetCpus":"a"}}"#, "resources.cpusetCpus"),
        (#"{"version":1,"stopSignal":"SIGNOPE"}"#, "stopSignal"),
        (#"{"version":1,"logPath":"x"}"#, "logPath"),
    ])
    func `A bad app configuration is refused, naming the place`(text: String, place: String) throws {
        let document = try JSON(parsing: text)
        let error = try #require(throws: EngineError.self) { try AppConfig(json: document) }
        #expect(error.message.contains(place), "\(error.message)")
        #expect(error.code == .invalid)
    }

    @Test(arguments: ["logPath", "workingDir", "maskedPaths"])
    func `A path that is too long for the kernel is refused by name`(key: String) throws {
        func read(_ path: String) throws {
            let text = key == "maskedPaths" ? #"["\#(path)"]"# : #""\#(path)""#
            _ = try AppConfig(json: try JSON(parsing: #"{"version":1,"\#(key)":\#(text)}"#))
        }
        let name = String(repeating: "n", count: 255)
        let longest = String(repeating: "/\(name)", count: 15) + "/" + String(repeating: "n", count: 254)
        #expect(longest.utf8.count == 4095)
        for path in ["/a/\(name)", longest] { try read(path) }
        for path in ["/a/\(name)n/0.log", longest + "n"] {
            let error = try #require(throws: EngineError.self) { try read(path) }
            #expect(error.code == .invalid && error.message.contains(key))
        }
    }

    @Test(arguments: [
        #"{"cniVersion":1}"#, #"{"cniVersion":["1.0.0"]}"#, #"{"plugins":"bridge"}"#,
    ])
    func `A network configuration with a member of a wrong type is refused`(text: String) throws {
        var members = try #require(try JSON(parsing: text).objectValue)
        members["name"] = "n"
        members["type"] = "bridge"
        #expect(throws: EngineError.self) { try NetworkConfigList(json: .object(members), source: "x") }
    }

    @Test(arguments: ["args", "binDirs", "capabilityArguments", "attempted"])
    func `A network record with a member of a wrong type is refused`(key: String) throws {
        let document: JSON = [
            "conflist": ["name": "n", "plugins": [["type": "bridge"]]], "containerID": "c", "ifName": "eth0",
            "netns": "",
        ]
        #expect(throws: Never.self) { try NetworkAttachment(json: document) }
        var members = try #require(document.objectValue)
        members[key] = "x"
        let error = try #require(throws: EngineError.self) { try NetworkAttachment(json: .object(members)) }
        #expect(error.message.contains(key))
    }

    @Test(arguments: ["syscalls", "architectures", "archMap", "flags"])
    func `A seccomp profile with a member of a wrong type is not a profile without it`(key: String) throws {
        let profile = SeccompProfile(
            capabilities: CapabilitySets(
                AppConfig.Capabilities(), privileged: false, bounding: HostFacts.full.boundingCapabilities),
            facts: .full)
        #expect(throws: Never.self) { try profile.convert(["defaultAction": "SCMP_ACT_ERRNO"], path: "/p") }
        let error = try #require(throws: EngineError.self) {
            try profile.convert(.object(["defaultAction": "SCMP_ACT_ERRNO", key: .object([:])]), path: "/p")
        }
        #expect(error.message.contains(key))
    }

    @Test func `An image's volumes of a wrong type are refused`() throws {
        let error = try #require(throws: EngineError.self) { try ImageConfig(json: ["Volumes": ["/data"]]) }
        #expect(error.message.contains("Volumes"))
    }
}
