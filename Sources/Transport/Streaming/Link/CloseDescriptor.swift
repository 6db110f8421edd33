import Glibc

/// Of a descriptor that nobody took over.
func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }
