"""Who may import whom: the table of docs/architecture.md, by the folder that a source file is in.

A rule is for a folder and what is below it, the longest folder wins. It names the folders whose modules may be imported
(`inside`), and the modules of other packages (`outside`); a name that ends in * stands for all that begin so.
"""

from dataclasses import dataclass, field

# Part of the toolchain; Foundation is not meant, see `foundation`.
STANDARD = {"Swift", "Glibc", "Musl", "Synchronization", "Dispatch", "_Concurrency"}
FOUNDATION = {"Foundation", "FoundationEssentials"}

# Modules that wrap a C library, and the one module that may see the library.
C_OWNERS = {
    "CJSONC": {"JSON"},
    "CSystemd": {"Systemd"},
    "CYAML": {"YAML"},
    "CNGHTTP2": {"HTTP2"},
    "CZlib": {"Gzip"},
    "CLinux": {"ChildProcess", "HostFacts", "RktCLI"},
    "CArchive": {"GantryImages"},
    "CGantry": {"GantryCore", "GantryImages", "gantry", "gantry_pod"},
}
WRAPPERS = ["Sources/Adapters/JSON", "Sources/Adapters/YAML", "Sources/Adapters/Systemd", "Sources/Transport/HTTP2", "Sources/Transport/Gzip"]


@dataclass(frozen=True)
class Rule:
    inside: list = field(default_factory=list)
    outside: list = field(default_factory=list)
    foundation: bool = False


NIO = ["NIO*", "_NIO*"]
# May be imported from everywhere, and imports nothing.
LEAVES = "Sources/Leaves"
RULES = {
    LEAVES: Rule(),
    "Sources/Domain": Rule(),
    "Sources/Adapters/JSON": Rule(),
    "Sources/Adapters/YAML": Rule(),
    "Sources/Adapters/Systemd": Rule(),
    "Sources/Transport/HTTP2": Rule(outside=["NIOCore"]),
    "Sources/Transport/Gzip": Rule(),
    "Sources/Adapters": Rule(
        inside=["Sources/Domain", "Sources/Adapters/ChildProcess", *WRAPPERS],
        outside=["Subprocess", "Logging", "SystemPackage"], foundation=True),
    # The engine's pods are started as systemd-run's units: its dialect says with what arguments. An engine without events is watched by what it
    # writes, and given the host's network: facts of the host.
    "Sources/Adapters/RktCLI": Rule(
        inside=[
            "Sources/Domain", "Sources/Adapters/ChildProcess", "Sources/Adapters/SystemdRun", "Sources/Adapters/HostFacts", *WRAPPERS],
        outside=["Subprocess", "Logging", "SystemPackage"], foundation=True),
    "Sources/Transport/RequestSyntax": Rule(inside=["Sources/Domain"]),
    "Sources/Transport/Measures": Rule(),
    "Sources/Transport/CallRecords": Rule(),
    "Sources/Transport/RequestMemory": Rule(outside=["NIOCore"]),
    "Sources/Transport/Gateway": Rule(
        inside=["Sources/Domain", "Sources/Adapters/JSON", "Sources/Adapters/YAML", "Sources/Transport/RequestSyntax",
                "Sources/Transport/Measures", "Sources/Transport/CallRecords", "Sources/Transport/RequestMemory",
                "Sources/Transport/Streaming"],
        outside=["Hummingbird*", "HTTPTypes", "Logging", "ServiceLifecycle", *NIO]),
    "Sources/Transport/Streaming": Rule(
        inside=["Sources/Domain", "Sources/Adapters/JSON", "Sources/Transport/Gzip"], outside=NIO),
    "Sources/Transport": Rule(
        inside=["Sources/Domain", "Sources/Transport", *WRAPPERS],
        outside=["GRPC*", "SwiftProtobuf", "Hummingbird*", "HTTPTypes", "Logging", "SystemPackage", *NIO], foundation=True),
    "Sources/App": Rule(
        inside=["Sources/Domain", "Sources/Adapters", "Sources/Transport", "Sources/App"],
        outside=["ServiceLifecycle", "UnixSignals", "Configuration", "ArgumentParser", "Logging", "Metrics",
                 "GRPC*", "SystemPackage", *NIO],
        foundation=True),
    "Sources/Engine": Rule(
        inside=["Sources/Engine", *WRAPPERS], outside=["ArgumentParser", "Subprocess", "SystemPackage"], foundation=True),
    "Sources/Engine/GantryCore": Rule(inside=["Sources/Adapters/JSON", "Sources/Adapters/YAML"]),
    "Sources/Engine/gantry-pod": Rule(inside=["Sources/Engine/GantryCore", "Sources/Adapters/JSON"]),
}

# One forbidden import for each line of the table that the build itself must refuse. (It lets an import pass that
# some other dependency brings along; the table is held against every source file for that reason.)
REFUSED_BY_THE_BUILD = [
    ("ByteText", "Domain"),
    ("Domain", "JSON"),
    ("Domain", "NIOCore"),
    ("JSON", "Domain"),
    ("YAML", "JSON"),
    ("RktCLI", "HTTP2"),
    ("HTTP2", "Domain"),
    ("CRI", "RktCLI"),
    ("Gateway", "CRI"),
    ("Streaming", "CRI"),
    ("GantryCore", "Domain"),
    ("gantry", "Domain"),
    ("gantry-pod", "ArgumentParser"),
    ("rktlet", "GantryCore"),
]
