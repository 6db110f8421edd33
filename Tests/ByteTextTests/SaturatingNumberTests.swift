import ByteText
import Testing

@Suite("Numbers from outside", .timeLimit(.minutes(10)))
struct SaturatingNumberTests {
    @Test("end at the type's ends", arguments: [Int64.min, -1, 0, 1, .max, 1 << 40])
    func ends(_ number: Int64) {
        #expect(Int64.max.addingSaturating(abs(max(number, -Int64.max))) == .max)
        #expect(Int64.min.addingSaturating(-1) == .min && Int64.min.subtractingSaturating(1) == .min)
        #expect(Int64.max.subtractingSaturating(-1) == .max)
        #expect(number.addingSaturating(0) == number && number.multipliedSaturating(by: 1) == number)
        #expect(number.subtractingSaturating(0) == number && number.multipliedSaturating(by: 0) == 0)
        #expect(Int64.min.multipliedSaturating(by: 2) == .min && Int64.min.multipliedSaturating(by: -1) == .max)
        #expect(Int64.max.multipliedSaturating(by: 2) == .max && Int64.max.multipliedSaturating(by: -2) == .min)
    }

    @Test("are summed so, and come so from doubles")
    func sums() {
        #expect([UInt64.max, 1, .max].saturatingSum == .max && [UInt64]().saturatingSum == 0)
        #expect([Int.max, 1, -5].saturatingSum == .max - 5)
        #expect(UInt64(saturating: 1e30) == .max && UInt64(saturating: -1) == 0 && UInt64(saturating: .nan) == 0)
        #expect(Int64(saturating: -.infinity) == .min && Int64(saturating: 1.9) == 1 && Int64(saturating: -1.9) == -1)
    }
}
