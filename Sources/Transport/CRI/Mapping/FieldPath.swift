import RequestSyntax

/// Where in a request a value stands; what values must look like is the same for every transport.
package typealias FieldPath = RequestSyntax.FieldPath
package typealias CommandLine = RequestSyntax.CommandLine
package typealias SecurityProfileReference = RequestSyntax.SecurityProfileReference
package typealias Sysctls = RequestSyntax.Sysctls
