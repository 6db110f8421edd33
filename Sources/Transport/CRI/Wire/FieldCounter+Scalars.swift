import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

// The kinds of fields that are no messages, as `Decoder` wants each of them said. The values stay as they are.

extension FieldCounter {
    mutating func decodeSingularFloatField(value: inout Float) {}
    mutating func decodeSingularFloatField(value: inout Float?) {}
    mutating func decodeSingularDoubleField(value: inout Double) {}
    mutating func decodeSingularDoubleField(value: inout Double?) {}
    mutating func decodeSingularInt32Field(value: inout Int32) {}
    mutating func decodeSingularInt32Field(value: inout Int32?) {}
    mutating func decodeSingularInt64Field(value: inout Int64) {}
    mutating func decodeSingularInt64Field(value: inout Int64?) {}
    mutating func decodeSingularUInt32Field(value: inout UInt32) {}
    mutating func decodeSingularUInt32Field(value: inout UInt32?) {}
    mutating func decodeSingularUInt64Field(value: inout UInt64) {}
    mutating func decodeSingularUInt64Field(value: inout UInt64?) {}
    mutating func decodeSingularSInt32Field(value: inout Int32) {}
    mutating func decodeSingularSInt32Field(value: inout Int32?) {}
    mutating func decodeSingularSInt64Field(value: inout Int64) {}
    mutating func decodeSingularSInt64Field(value: inout Int64?) {}
    mutating func decodeSingularFixed32Field(value: inout UInt32) {}
    mutating func decodeSingularFixed32Field(value: inout UInt32?) {}
    mutating func decodeSingularFixed64Field(value: inout UInt64) {}
    mutating func decodeSingularFixed64Field(value: inout UInt64?) {}
    mutating func decodeSingularSFixed32Field(value: inout Int32) {}
    mutating func decodeSingularSFixed32Field(value: inout Int32?) {}
    mutating func decodeSingularSFixed64Field(value: inout Int64) {}
    mutating func decodeSingularSFixed64Field(value: inout Int64?) {}
    mutating func decodeSingularBoolField(value: inout Bool) {}
    mutating func decodeSingularBoolField(value: inout Bool?) {}
    mutating func decodeSingularStringField(value: inout String) {}
    mutating func decodeSingularStringField(value: inout String?) {}
    mutating func decodeSingularBytesField(value: inout Data) {}
    mutating func decodeSingularBytesField(value: inout Data?) {}

    mutating func decodeRepeatedFloatField(value: inout [Float]) { countPacked(size: 4) }
    mutating func decodeRepeatedDoubleField(value: inout [Double]) { countPacked(size: 8) }
    mutating func decodeRepeatedInt32Field(value: inout [Int32]) { countPackedVarints() }
    mutating func decodeRepeatedInt64Field(value: inout [Int64]) { countPackedVarints() }
    mutating func decodeRepeatedUInt32Field(value: inout [UInt32]) { countPackedVarints() }
    mutating func decodeRepeatedUInt64Field(value: inout [UInt64]) { countPackedVarints() }
    mutating func decodeRepeatedSInt32Field(value: inout [Int32]) { countPackedVarints() }
    mutating func decodeRepeatedSInt64Field(value: inout [Int64]) { countPackedVarints() }
    mutating func decodeRepeatedFixed32Field(value: inout [UInt32]) { countPacked(size: 4) }
    mutating func decodeRepeatedFixed64Field(value: inout [UInt64]) { countPacked(size: 8) }
    mutating func decodeRepeatedSFixed32Field(value: inout [Int32]) { countPacked(size: 4) }
    mutating func decodeRepeatedSFixed64Field(value: inout [Int64]) { countPacked(size: 8) }
    mutating func decodeRepeatedBoolField(value: inout [Bool]) { countPackedVarints() }
    mutating func decodeRepeatedStringField(value: inout [String]) {}
    mutating func decodeRepeatedBytesField(value: inout [Data]) {}

    mutating func decodeSingularEnumField<E: Enum>(value: inout E) where E.RawValue == Int {}
    mutating func decodeSingularEnumField<E: Enum>(value: inout E?) where E.RawValue == Int {}
    mutating func decodeRepeatedEnumField<E: Enum>(value: inout [E]) where E.RawValue == Int { countPackedVarints() }
}
