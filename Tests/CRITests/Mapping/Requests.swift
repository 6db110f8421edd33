@testable import CRI

/// Requests as a kubelet sends them; tests spoil one field at a time.
enum Requests {
    static var pod: Runtime_V1_PodSandboxConfig {
        .with {
            $0.metadata = .with {
                $0.name = "web-0"
                $0.uid = "6a1c7f0e-4d0c-4d21-9f6e-0f5e1c3f0001"
                $0.namespace = "default"
                $0.attempt = 1
            }
            $0.hostname = "web-0"
            $0.logDirectory = "/var/log/pods/default_web-0_6a1c7f0e"
            $0.dnsConfig = .with {
                $0.servers = ["10.96.0.10", "fd00::a"]
                $0.searches = ["default.svc.cluster.local", "svc.cluster.local"]
                $0.options = ["ndots:5"]
            }
            $0.portMappings = [
                .with {
                    $0.protocol = .sctp
                    $0.containerPort = 80
                    $0.hostPort = 8_080
                    $0.hostIp = "::1"
                }
            ]
            $0.labels = ["app": "web", "": "an empty key stays"]
            $0.annotations = ["note": "line\nline \u{1F600}"]
            $0.linux = .with {
                $0.cgroupParent = "/kubepods.slice/kubepods-burstable.slice"
                $0.sysctls = ["net.ipv4.ip_unprivileged_port_start": "0", "kernel.shmmax": "1"]
                $0.securityContext.namespaceOptions.pid = .container
                $0.overhead.memoryLimitInBytes = 1 << 20
                $0.resources.cpuShares = 512
            }
        }
    }

    static var container: Runtime_V1_ContainerConfig {
        .with {
            $0.metadata = .with {
                $0.name = "nginx"
                $0.attempt = 2
            }
            $0.image = .with {
                $0.image = "sha256:0123"
                $0.userSpecifiedImage = "nginx:1"
                $0.annotations = ["a": "b"]
            }
            $0.command = ["/bin/sh", "-c"]
            $0.args = ["", "two words"]
            $0.workingDir = "/srv"
            $0.envs = [
                .with {
                    $0.key = "A"
                    $0.value = .init("x=1\ny".utf8)
                }
            ]
            $0.mounts = [
                .with {
                    $0.containerPath = "/data"
                    $0.hostPath = "/srv/data"
                    $0.readonly = true
                    $0.recursiveReadOnly = true
                }
            ]
            $0.devices = [
                .with {
                    $0.containerPath = "/dev/fuse"
                    $0.hostPath = "/dev/fuse"
                    $0.permissions = "mrw"
                }
            ]
            $0.cdiDevices = [.with { $0.name = "vendor.com/gpu=0" }]
            $0.labels = ["l": "1"]
            $0.annotations = ["n": "2"]
            $0.logPath = "nginx/2.log"
            $0.stopSignal = .sigquit
            $0.linux.resources.memoryLimitInBytes = 1 << 26
            $0.linux.securityContext = .with {
                $0.runAsUser.value = 1_000
                $0.runAsGroup.value = 2_000
                $0.supplementalGroups = [3_000]
                $0.capabilities.dropCapabilities = ["ALL"]
                $0.capabilities.addCapabilities = ["cap_net_bind_service"]
                $0.namespaceOptions.pid = .container
                $0.maskedPaths = ["/proc/kcore"]
                $0.seccomp.profileType = .runtimeDefault
            }
        }
    }
}
