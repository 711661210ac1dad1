import Experiments
import Foundation
import Presentation
import Synchronization
import Testing

/// A terminal, or a log, that remembers what is written to it, and a clock that stands still.
private final class Screen: Sendable {
    private let state = Mutex((text: "", time: 0.0))
    let width: Int

    init(width: Int = 80) { self.width = width }

    var text: String {
        state.withLock { state in
            defer { state.text = "" }
            return state.text
        }
    }

    func wait(_ seconds: Double) { state.withLock { $0.time += seconds } }

    func meter(_ style: ProgressMeter.Style) -> ProgressMeter {
        ProgressMeter(
            style,
            output: .init(
                width: { self.width },
                now: { self.state.withLock { $0.time } },
                write: { text in self.state.withLock { $0.text += text } }
            )
        )
    }
}

@Suite struct `Progress on a terminal` {
    private func bar(width: Int, title: String = "learning") -> String {
        let screen = Screen(width: width)
        let meter = screen.meter(.bar)
        meter.begin(title, 500)
        screen.wait(30)
        _ = screen.text
        meter.advance(125)
        let drawn = screen.text
        #expect(drawn.hasPrefix("\r") && drawn.hasSuffix("\u{1B}[K"))
        meter.end()
        return String(drawn.dropFirst().dropLast(3))
    }

    @Test func `is a bar with count, rate and time left`() {
        #expect(
            bar(width: 80)
                == "learning ████████░░░░░░░░░░░░░░░░░░░░░░░░ 125/500 · 4.17/s · 1:30 left"
        )
    }

    @Test(arguments: [
        (60, "learning █████░░░░░░░░░░░░░░░░ 125/500 · 4.17/s · 1:30 left"),
        (45, "learning ███░░░░░░░░░░░░ 125/500 · 1:30 left"),
        (32, "learning ███░░░░░░░░░░░ 125/500"), (24, "learning 125/500"),
        (12, "learning 1…"), (2, "…"),
    ])
    func `tells less on a narrow one`(width: Int, line: String) {
        let found = bar(width: width)
        #expect(found == line)
        #expect(found.displayWidth < width)
    }

    @Test func `is redrawn ten times a second at most`() {
        let screen = Screen()
        let meter = screen.meter(.bar)
        meter.begin("learning", 1000)
        _ = screen.text
        var drawn = 0
        for _ in 0..<100 {
            screen.wait(0.01)
            meter.advance()
            if !screen.text.isEmpty { drawn += 1 }
        }
        #expect((9...11).contains(drawn))
        meter.end()
    }

    @Test func `is erased without trace`() {
        let screen = Screen()
        let meter = screen.meter(.bar)
        meter.begin("learning", 10)
        _ = screen.text
        meter.end()
        #expect(screen.text == "\r\u{1B}[K")
        meter.end()
        #expect(screen.text == "")
        meter.begin("learning", 10)
        _ = screen.text
        meter.abandon()
        #expect(screen.text == "\r\u{1B}[K")
    }

    @Test func `makes room for a sentence`() {
        let screen = Screen()
        let meter = screen.meter(.bar)
        meter.begin("learning", 10)
        _ = screen.text
        meter.tell("merganser: role collapses")
        #expect(
            screen.text
                == "\r\u{1B}[Kmerganser: role collapses\n\r"
                + "learning ████████████████████████████████".replacing("█", with: "░")
                + " 0/10\u{1B}[K"
        )
        meter.end()
    }

    @Test func `does not count what a resumed run had done`() {
        let screen = Screen()
        let meter = screen.meter(.bar)
        meter.begin("learning", 500)
        meter.advance(300)
        screen.wait(10)
        meter.advance(100)
        #expect(screen.text.contains("400/500 · 10.0/s · 0:10 left"))
        meter.end()
    }

    @Test func `tells how long one unit takes where that is more than a second`() {
        let screen = Screen()
        let meter = screen.meter(.bar)
        meter.begin("training", 4)
        screen.wait(50)
        meter.advance()
        #expect(screen.text.contains("1/4 · 50.0 s each · 2:30 left"))
        meter.end()
    }
}

@Suite struct `Progress in a log` {
    @Test func `is a line every ten seconds and one at the end`() {
        let screen = Screen()
        let meter = screen.meter(.lines)
        meter.begin("learning", 1000)
        #expect(screen.text == "")
        for _ in 0..<25 {
            screen.wait(1)
            meter.advance(20)
        }
        #expect(
            screen.text == """
                learning: 200/1,000 · 20.0/s · 0:40 left
                learning: 400/1,000 · 20.0/s · 0:30 left

                """
        )
        screen.wait(50)
        meter.end()
        #expect(screen.text == "learning: 500 in 1:15\n")
    }

    @Test func `ends a phase where the next begins`() {
        let screen = Screen()
        let meter = screen.meter(.lines)
        meter.begin("reading 4 tasks", 0)
        screen.wait(1.5)
        meter.begin("learning", 2)
        #expect(screen.text == "reading 4 tasks: 1.50 s\n")
        meter.tell("merganser: role collapses")
        #expect(screen.text == "merganser: role collapses\n")
        meter.abandon()
        #expect(screen.text == "")
    }

    @Test func `is silent where nobody wants it, except for sentences`() {
        let screen = Screen()
        let meter = screen.meter(.silent)
        let observer = meter.observer { true }
        observer.begin("learning", 2)
        screen.wait(20)
        observer.advance(1)
        #expect(screen.text == "")
        observer.warn("role collapses")
        #expect(screen.text == "merganser: role collapses\n")
        #expect(observer.isCancelled())
        meter.end()
        #expect(screen.text == "")
    }

    @Test func `may be reported by many threads`() {
        let screen = Screen()
        let meter = screen.meter(.lines)
        meter.begin("learning", 0)
        DispatchQueue.concurrentPerform(iterations: 1000) { _ in meter.advance() }
        meter.end()
        #expect(screen.text == "learning: 1,000 in 0.00 s\n")
    }
}
