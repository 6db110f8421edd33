import NIOCore

/// Bytes to and from one client, on one event loop: a socket, or what is tunnelled through another protocol.
protocol Link: AnyObject {
    var eventLoop: any EventLoop { get }
    var user: (any LinkUser)? { get set }
    /// Whether the client takes what is written; whatever is written regardless is kept.
    var isWritable: Bool { get }
    /// Whether more is read. What was read before may still come.
    var isReading: Bool { get set }
    func write(_ bytes: ByteBuffer)
    func flush()
    /// Ends once all that was written has gone out. Nothing more is told to the user.
    ///
    /// - Parameters:
    ///   - patience: how long the client may take to close first.
    ///   - isFarewell: whether the client has said with these bytes that it has everything.
    func finish(patience: TimeAmount, isFarewell: @escaping (ByteBuffer) -> Bool)
    /// Ends now.
    func abort()
}

/// Who speaks over a ``Link``.
protocol LinkUser: AnyObject {
    func received(_ bytes: ByteBuffer)
    /// What came at once has been given out: time to send what was made of it.
    func receivedAll()
    func becameWritable()
    /// The client is gone.
    func ended()
}
