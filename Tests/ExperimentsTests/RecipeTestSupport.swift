import Experiments
import Foundation

/// A directory of empty files for recipes to name, removed with the last reference to it.
final class Scratch {
    let url: URL

    /// Creates files, and directories for the names that end in a slash.
    init(_ names: String...) throws {
        let manager = FileManager.default
        // Resolved once, so that the paths of recipes can be compared with it.
        url = manager.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "recipe-\(UUID().uuidString)", directoryHint: .isDirectory)
        try manager.createDirectory(at: url, withIntermediateDirectories: true)
        for name in names {
            let file = url.appending(path: name)
            let directory = name.hasSuffix("/") ? file : file.deletingLastPathComponent()
            try manager.createDirectory(at: directory, withIntermediateDirectories: true)
            if !name.hasSuffix("/") { try Data().write(to: file) }
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String {
        url.appending(path: name).path
    }

    func document(_ text: String, _ overrides: String...) throws -> RecipeDocument {
        try RecipeDocument(
            text,
            file: URL(filePath: "recipe.yml", relativeTo: url),
            overrides: overrides
        )
    }

    func recipe(_ text: String, _ overrides: String...) throws -> Recipe {
        let file = URL(filePath: "recipe.yml", relativeTo: url)
        let document = try RecipeDocument(text, file: file, overrides: overrides)
        return try Recipe(document, methods: testMethods, workingDirectory: url)
    }
}

/// Options of the merge methods of the golden cases, as a table of methods would give them.
let testMethods: [String: MethodSignature] = {
    let weight = ["weight": MethodOption(.model, .number)]
    let density = ["density": MethodOption(.model, .number, default: .scalar(1.0))]
    let lambda = ["lambda": MethodOption(.global, .number, default: .scalar(1.0))]
    let excluded = ["exclude_keys": MethodOption(.global, .texts)]
    func global(_ names: String...) -> [String: MethodOption] {
        Dictionary(uniqueKeysWithValues: names.map { ($0, MethodOption(.global)) })
    }
    func normalize(_ value: Bool) -> [String: MethodOption] {
        ["normalize": MethodOption(.global, .flag, default: .scalar(.boolean(value)))]
    }
    func signature(_ options: [String: MethodOption]...) -> MethodSignature {
        MethodSignature(options: options.reduce([:]) { $0.merging($1) { first, _ in first } })
    }
    let delta = [weight, density, lambda].reduce([:]) { $0.merging($1) { first, _ in first } }
    let variants = global("trim_scope", "merge_func", "rescale", "rescale_mode", "trim_density")
    let gamma = ["gamma": MethodOption(.model, .number, default: .scalar(0.01))]
    let epsilon = ["epsilon": MethodOption(.model, .number, default: .scalar(0.15))]
    return [
        "linear": signature(weight, normalize(true)),
        "slerp": signature(["t": MethodOption(.global, .number)]),
        "nuslerp": signature(weight, global("nuslerp_flatten", "nuslerp_row_wise")),
        "multislerp": signature(weight, global("normalize_weights", "eps")),
        "karcher": signature(global("max_iter", "tol")),
        "task_arithmetic": signature(delta, normalize(false)),
        "ties": MethodSignature(
            options: signature(delta, normalize(true), variants).options,
            vectorOptions: ["density"]
        ),
        "dare_linear": signature(delta, normalize(false), variants),
        "dare_ties": signature(delta, normalize(false), variants),
        "breadcrumbs": signature(delta, gamma, normalize(false), variants),
        "breadcrumbs_ties": signature(delta, gamma, normalize(false)),
        "della": signature(delta, epsilon, normalize(true), variants),
        "della_linear": signature(delta, epsilon, normalize(false), variants),
        "model_stock": signature(global("filter_wise", "angle_average")),
        "nearswap": signature(["t": MethodOption(.global, .number)]),
        "sce": signature(global("select_topk")),
        "arcee_fusion": signature(),
        "ram": signature(global("epsilon")),
        "ramplus_tl": signature(global("epsilon", "r", "alpha")),
        "passthrough": signature(["scale": MethodOption(.model, .number)]),
        "tsv_m": signature(
            ["alpha": MethodOption(.global, .number, default: .scalar(1.0))],
            excluded
        ),
        "iso_c": signature(global("scaling_factor"), excluded),
        "iso_cts": signature(global("scaling_factor", "common_space_fraction"), excluded),
        "opcm": signature(global("alpha", "shuffle_order")),
        "svc_task_arithmetic": signature(global("scaling_factor", "alpha")),
        "subspace_boosting": signature(global("beta", "scaling_factor")),
        "wudi": signature(global("iter_num", "lr"), excluded),
        "wudi_closed_form": signature(excluded),
        "doge_ta": signature(global("subspace", "K", "lamda", "num_steps", "lr")),
        "dop": signature(
            global(
                "lr",
                "num_steps",
                "mgda",
                "ema",
                "ema_beta",
                "alpha",
                "svd_epsilon",
                "svd_proj_space",
                "shuffle_order"
            )
        ),
        "awd": signature(global("num_steps", "lr", "alpha", "scaling_factor")),
        "knots": signature(
            global("inner_method", "topK", "merging_type", "scaling_coeffs"),
            excluded
        ),
        "magmax": signature(global("scaling_factor")),
        "metagpt": signature(),
        "pcb": signature(global("pcb_ratio"), lambda),
        "consensus_ta": signature(global("tall_mask_lambda", "prun_thre_k", "scaling_factor")),
        "consensus_ties": signature(
            global("tall_mask_lambda", "prun_thre_k", "scaling_factor", "density")
        ),
        "localize_and_stitch": signature(global("sparsity"), excluded),
        "expo": signature(global("extrapolation_factor")),
        "emr": signature(),
        "tall_mask": signature(global("tall_mask_lambda")),
        "model_tailor": signature(
            global("sparsity", "percdamp", "blocksize", "alpha"),
            ["calibration": MethodOption(.global, .file)]
        ),
        "ho_gsvd": signature(global("ppi")),
        "regmean": MethodSignature(
            options: ["alpha": MethodOption(.global, .number, default: .scalar(0.9))],
            needsTasks: true
        ),
        "adamerging": MethodSignature(learning: LearningParameters()),
        "adamerging++": MethodSignature(learning: LearningParameters(taskVectors: elected(0.2))),
    ]
}()

/// The task vectors of AdaMerging++.
func elected(_ density: Double) -> MethodChoice {
    MethodChoice("ties", parameters: ["density": .scalar(.number(density))])
}
