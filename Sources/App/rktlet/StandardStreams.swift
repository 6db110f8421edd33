import Glibc

/// What a program has as 0, 1 and 2.
enum StandardStreams {
    /// Takes the numbers that our caller left free (`>&-`): the next descriptor, a session's connection for one, would have it else, and be written to
    /// by what is meant for a person.
    ///
    /// Whatever uses them fails as if they were closed: each is open for the other direction.
    static func reserve() {
        for descriptor: CInt in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest number that is free is given out: this one.
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }
}
