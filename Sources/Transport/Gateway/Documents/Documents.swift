enum Documents {
    static let page = ""
    static let openAPI = ""
}
