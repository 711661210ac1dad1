import Tasks
import Testing

// The values of reference are those of SciPy 1.17.1 and scikit-learn 1.9.1, by the calls beside them.

/// Whether two numbers agree in twelve digits.
private func agree(_ a: Double?, _ b: Double) -> Bool {
    a.map { abs($0 - b) <= 1e-12 * max(abs(b), 1e-300) || abs($0 - b) < 1e-15 } ?? false
}

@Suite struct `Spearman's correlation` {
    @Test func `is SciPy's, with equal values, too`() {
        let x = [0.62, 0.71, 0.71, 0.58, 0.9, 0.33, 0.71, 0.45]
        let y = [3, 5, 4, 4, 9, 1, 7, 2.5]
        // scipy.stats.spearmanr(x, y).statistic
        #expect(agree(RankCorrelation.spearman(x, y), 0.9204013006384049))
        #expect(agree(RankCorrelation.spearman(x.map { $0 * $0 - 7 }, y), 0.9204013006384049))
        #expect(RankCorrelation.spearman([1, 2, 3, 4], [4, 3, 2, 1]) == -1)
        #expect(RankCorrelation.spearman([1, 1, 2, 2], [1, 2, 1, 2]) == 0)
    }

    @Test(
        arguments: [
            ([], []), ([1], [2]), ([1, 1], [1, 2]), ([1, .nan, 3], [1, 2, 3]),
        ] as [([Double], [Double])]
    )
    func `does not exist where nothing varies`(x: [Double], y: [Double]) {
        #expect(RankCorrelation.spearman(x, y) == nil)
    }
}

@Suite struct `McNemar's test` {
    // scipy.stats.binomtest(min(b, c), b + c, 0.5).pvalue
    @Test(arguments: [
        (1, 9, 0.021484375), (10, 10, 1), (0, 5, 0.0625), (3, 4, 1), (59, 6, 4.964650327128616e-12),
        (121, 178, 0.0011653128655805564), (0, 900, 2.3661043723335494e-271),
    ])
    func `has SciPy's probability`(first: Int, second: Int, probability: Double) {
        let test = McNemarTest(onlyFirst: first, onlySecond: second)
        #expect(agree(test.pValue, probability), "\(test.pValue)")
        #expect(McNemarTest(onlyFirst: second, onlySecond: first).pValue == test.pValue)
    }

    // Coefficients of thousands are products of as many factors: nine digits agree.
    @Test(arguments: [(10_200, 9_900, 0.03494341291275776), (500_000, 502_000, 0.0458246952632217)])
    func `has it for many examples`(first: Int, second: Int, probability: Double) {
        let value = McNemarTest(onlyFirst: first, onlySecond: second).pValue
        #expect(abs(value / probability - 1) < 1e-9, "\(value)")
    }

    @Test func `counts the examples that one model alone gets right`() {
        let test = McNemarTest(
            first: [true, true, false, false, true],
            second: [true, false, true, false, false]
        )
        #expect(test == McNemarTest(onlyFirst: 2, onlySecond: 1))
        #expect(McNemarTest(first: [], second: []).pValue == 1)
    }
}

@Suite struct `The expected calibration error` {
    @Test func `is that of scikit-learn's bins`() {
        let confidences = (0..<200).map { 0.3 + 0.7 * (Double($0 * 37 % 200) / 200) }
        let isCorrect = confidences.enumerated().map { Double($0 * 53 % 100) / 100 < $1 - 0.08 }
        let error = CalibrationError(confidences: confidences, isCorrect: isCorrect)
        // true, mean = sklearn.calibration.calibration_curve(correct, p, n_bins=15)
        // (abs(true - mean) * counts).sum() / 200
        #expect(agree(error.expected, 0.081675), "\(error.expected)")
        #expect(error.bins.map(\.count) == [0, 0, 0, 0, 10] + [Int](repeating: 19, count: 10))
    }

    @Test func `is 0 where confidence is right, and 1 where it never is`() {
        let right = CalibrationError(confidences: [1, 1], isCorrect: [true, true])
        #expect(right.expected == 0)
        #expect(CalibrationError(confidences: [1], isCorrect: [false]).expected == 1)
        #expect(CalibrationError(confidences: [0], isCorrect: [false]).bins[0].count == 1)
        #expect(CalibrationError(confidences: [], isCorrect: []).expected == 0)
    }

    @Test func `has a number at an edge in the bin below`() {
        let error = CalibrationError(confidences: [0.5, 0.51], isCorrect: [true, false], bins: 2)
        #expect(error.bins.map(\.count) == [1, 1])
        #expect(error.bins.map(\.accuracy) == [1, 0])
    }
}

@Suite struct `The mean of differences` {
    private let differences = [0.021, -0.004, 0.013, 0.008, 0, 0.017, -0.002, 0.011]
    private let many = (0..<40).map { Double($0 * 7 % 11 - 4) / 100 }

    @Test func `has the probability of SciPy's permutations of signs`() {
        // scipy.stats.permutation_test((d,), np.mean, permutation_type="samples",
        //                              n_resamples=np.inf).pvalue
        #expect(agree(SignFlipTest(differences: differences).pValue, 0.0625))
        #expect(agree(SignFlipTest(differences: [1, 2, 3, 4, 5]).pValue, 0.0625))
        #expect(agree(SignFlipTest(differences: differences).mean, 0.008))
    }

    @Test func `has nearly that where signs are drawn, and the same for a seed`() {
        // The same with n_resamples=1000000; three standard deviations of 100,000 draws are 0.0022.
        let test = SignFlipTest(differences: many, seed: 1)
        #expect(abs(test.pValue - 0.05492) < 0.0025, "\(test.pValue)")
        #expect(SignFlipTest(differences: many, seed: 1) == test)
        #expect(SignFlipTest(differences: many, seed: 2) != test)
        let far = SignFlipTest(differences: [Double](repeating: 1, count: 100), draws: 999)
        #expect(far.pValue == 0.001)
    }

    @Test func `is nothing where there is none`() {
        #expect(SignFlipTest(differences: []).pValue == 1)
        #expect(SignFlipTest(differences: [0, 0]).pValue == 1)
        #expect(PairedBootstrap(differences: []) == nil)
    }

    @Test func `has nearly SciPy's interval of percentiles`() throws {
        // scipy.stats.bootstrap((e,), np.mean, method="percentile", n_resamples=1000000)
        let interval = try #require(PairedBootstrap(differences: many, seed: 1))
        #expect(abs(interval.lower - 0.0005) < 0.0006 && abs(interval.upper - 0.0205) < 0.0006)
        #expect(agree(interval.mean, 0.0105))
        #expect(PairedBootstrap(differences: many, seed: 1) == interval)
        let one = try #require(PairedBootstrap(differences: [3]))
        #expect(one.lower == 3 && one.upper == 3)
    }
}

@Suite struct `A mean with its deviation` {
    @Test func `is NumPy's`() throws {
        let result = try #require(
            MeanDeviation([0.021, -0.004, 0.013, 0.008, 0, 0.017, -0.002, 0.011])
        )
        // np.mean(d), np.std(d, ddof=1)
        #expect(agree(result.mean, 0.008) && result.count == 8)
        #expect(agree(result.deviation, 0.00919627253681776))
        // No digit is lost far from 0.
        #expect(MeanDeviation([1e9 + 1, 1e9 + 2, 1e9 + 3])?.deviation == 1)
    }

    @Test func `has no deviation of one result, and is nothing of none`() {
        #expect(MeanDeviation([5])?.mean == 5 && MeanDeviation([5])?.deviation == nil)
        #expect(MeanDeviation([]) == nil)
    }
}
