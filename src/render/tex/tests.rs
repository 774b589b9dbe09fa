//! What is read of TeX, case by case, in the order of the module's parts.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::plain;

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(written, read)| plain(written) != *read)
        .map(|(written, read)| format!("{written}\n  is read {}\n  not     {read}", plain(written)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_is_no_tex_stays() {
    let same = [
        "",
        "A plain title",
        "It costs $5 and $10",
        "US$3M raised, A$5 each",
        "between $5-$10 or $20,000",
        "from $5 to US$10 per 1M tokens",
        "at a cost of $0.5/hour (about $12 a day)",
        "approximately $1.47 million, ~$3 trillion, <$10 in compute",
        "set $HOME and $PATH first",
        "emits <think> and </think>",
        "R&D, AT&T, H&E, Q&A, Words & Weights",
        "p &lt; 0.05 &amp; more",
        "a < b > c, p<0.001, <=4B",
        "tool_call, d_out and ai_parse_document",
        "see https://github.com/a_b/c_1^2~x and www.example.org/x_1",
        "github.com/j-smith/x_1, mail x_1@example.org",
        "~3s, (~40%), ~ 1K, at ~$5, 5~66%, 16~30",
        "x~N(0,1)",
        "^_^ and >_<",
        "in `code`, on `SWE-Bench Verified`. We",
        "```python and `x_y`",
        "I'll say 'so', it's the users' data",
        "run it with --help or -v --flag",
        "x --> y <-- z, i-- and ----",
        "{a, b}, {-1,0,1}, {Qwen3-4B, 8B}, {question}",
        "an unmatched { or } brace",
        "C:\\alpha\\beta, \\d+ and \\n",
        "sim-to-real, sim2real, ccg2lambda",
        "100 times more, several times a day, 7.0 times with",
        "run it N times a day",
        "at 3 pm 5 people, PM2.5 and (pm2.5)",
        "mid-training, the mid layers, a mid v",
        "in parallel, to text, the top circle star",
        "the alpha channel, a delta of 5, rho=0.85, Phi-4",
        "I'll, ll. and le chat",
        "alpha_blend(x), beta_test, mu_zero, x_1_2, a_1.py, v_1x",
        "f'' and 5''",
        "sum_of_all, sqrt(N)",
        "a ^ b _ c",
        "$PATH:$HOME, 1to1, A~Z, f{x}, user{id}, 3^rd",
        "|---|---|, foo.com/~user/x, \\u2013",
        "#hashtag @user 50% * 2",
        "深度学习的方法。它有效！",
        "مرحبا ~ بالعالم",
        "😀 👩\u{200d}🔬",
        "$",
        "$$",
        "\\",
    ];
    check(&same.map(|text| (text, text)));
}

#[test]
fn formulas_are_read() {
    check(&[
        ("$\\alpha$-divergence", "α-divergence"),
        ("$β$-OPSD and $β=1$", "β-OPSD and β=1"),
        ("DR$^{3}$-Eval", "DR³-Eval"),
        ("up to 6.01$\\times$, and $1.13\\times$ faster", "up to 6.01×, and 1.13× faster"),
        ("60 $μ$s", "60 μs"),
        ("of order $10$", "of order 10"),
        ("$n$-gram, $k = 3$, $p < 0.05$", "n-gram, k = 3, p < 0.05"),
        ("(Cohen's $κ_w=0.90$)", "(Cohen's κ_w=0.90)"),
        ("$256 \\times 256$ and $256\\times256$", "256 × 256 and 256×256"),
        ("$3\\times 3$", "3×3"),
        ("$\\sim$25 and $\\sim 25$", "~25 and ~25"),
        ("$x \\sim p(x)$", "x ~ p(x)"),
        ("$\\leq 5$, $n \\leq 5$, $n\\leq 5$", "≤5, n ≤ 5, n≤5"),
        ("$\\pm 0.3$, $5 \\pm 0.3$", "±0.3, 5 ± 0.3"),
        ("$\\Delta x$ and $\\lambda = 1$", "Δx and λ = 1"),
        ("$\\mathcal{O}(n \\log n)$", "O(n log n)"),
        ("$O(n\\log n)$", "O(n log n)"),
        ("$\\mathcal{V}isual$", "Visual"),
        ("$\\mathbb{R}^d$, $\\mathbb{R}^{n\\times m}$", "ℝᵈ, ℝ^(n×m)"),
        ("$\\mathbb{E}[x]$", "E[x]"),
        ("$x^2 + y_i^{n-1}$", "x² + yᵢⁿ⁻¹"),
        ("$10^{-3}$, $10^10$", "10⁻³, 10¹⁰"),
        ("$5^{th}$, $90^\\circ$, $90^{\\circ}$", "5ᵗʰ, 90°, 90°"),
        ("$x^*$, $x^{\\star}$, $A^\\top$, $f'$, $f''(x)$", "x*, x*, Aᵀ, f′, f″(x)"),
        ("$D_{\\mathrm{KL}}(p \\| q)$", "D_KL(p ‖ q)"),
        ("$p(y \\mid x)$", "p(y | x)"),
        ("$\\frac{1}{2}$, $\\frac12$, $\\frac{a+b}{c}$", "1/2, 1/2, (a+b)/c"),
        ("$2\\frac{1}{2}$", "2(1/2)"),
        ("$\\frac{\\partial L}{\\partial \\theta}$", "∂L/∂θ"),
        ("$\\sqrt{2}$, $\\sqrt{x + 1}$, $\\sqrt[3]{x}$", "√2, √(x + 1), ∛x"),
        ("$\\hat{x}$, $\\hat\\theta$, $\\tilde{O}(n)$", "x̂, θ̂, Õ(n)"),
        ("$\\bar{x}$, $\\vec{v}$, $\\overline{ab}$", "x̄, v⃗, a\u{305}b\u{305}"),
        ("$\\ell_1$, $\\ell_\\infty$, $L_p$", "ℓ₁, ℓ_∞, Lₚ"),
        ("$\\infty$, $\\rightarrow$, $\\emptyset$, $\\ldots$", "∞, →, ∅, …"),
        ("$a \\to b$, $f: X \\to Y$", "a → b, f: X → Y"),
        ("$x \\in A$, $x \\notin \\mathbb{Z}$", "x ∈ A, x ∉ ℤ"),
        ("$\\sum_{i=1}^{n} x_i$", "∑ᵢ₌₁ⁿ xᵢ"),
        ("$\\arg\\max_x f(x)$", "arg maxₓ f(x)"),
        ("$\\min_\\theta L(\\theta)$", "min_θ L(θ)"),
        ("$\\operatorname{softmax}(x)$", "softmax(x)"),
        ("$\\left( a \\right)$, $\\left\\{ a \\right.$", "( a ), { a"),
        ("$\\text{if } x$, $x_{\\text{max}}$", "if x, x_max"),
        ("$\\textbf{PLUM}$, $\\textsc{x}$", "PLUM, x"),
        ("$\\mathrm{M}^3$, $\\boldsymbol{\\pi}$", "M³, π"),
        ("$x^{\\alpha_i}$, $x_{i,j}$", "x^αᵢ, x_(i,j)"),
        ("$100\\%$, $\\$5$", "100%, $5"),
        ("$10\\,000$, $5\\,\\mathrm{ms}$", "10 000, 5 ms"),
        ("$a \\not= b$, $a \\neq b$", "a ≠ b, a ≠ b"),
        ("$\\lfloor x \\rfloor$, $\\langle a, b \\rangle$", "⌊x⌋, ⟨a, b⟩"),
        ("$\\binom{n}{k}$, $a \\bmod n$", "(n choose k), a mod n"),
        ("$\\{0, 1\\}^n$", "{0, 1}ⁿ"),
        ("$\\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}$", "[1, 0; 0, 1]"),
        ("$$E = mc^2$$ and \\(a\\) and \\[b\\]", "E = mc² and a and b"),
        ("\\begin{equation} a = b \\end{equation}", "a = b"),
        ("$ \\alpha $", "α"),
        ("$\\\\alpha$, \\\\alpha", "α, α"),
        ("$\\mathcal{L}_{\\text{total}}$", "L_total"),
        ("$\\nabla^2$DFT", "∇²DFT"),
        ("$\\method$ and $\\foo{x}$", "method and x"),
        ("$k$NN, $S^{2}$-Guidance", "kNN, S²-Guidance"),
        ("$\\epsilon$-greedy with $\\epsilon=0.1$", "ε-greedy with ε=0.1"),
        ("$\\overset{a}{=}$, $\\stackrel{?}{=}$", "=ᵃ, =^?"),
        ("$W^{(l)}_{ij}$", "W⁽ˡ⁾ᵢⱼ"),
        ("$x_{t-1}\\rightarrow x_t$", "xₜ₋₁→xₜ"),
        ("$\\mathcal{A}LLM4ADD$ for $0.06, a 6$\\times$ saving", "ALLM4ADD for $0.06, a 6× saving"),
        ("$\\mathcal{O}\\left(\\frac{1}{\\sqrt{n}}\\right)$", "O(1/√n)"),
        ("$M_\\odot$, $\\lceil \\log_2 n \\rceil$, CO$_2$", "M_⊙, ⌈log₂ n⌉, CO₂"),
        ("$\\Delta \\mathrm{Energy}$, $\\underbrace{a+b}_{n}$", "ΔEnergy, (a+b)ₙ"),
        ("$<$1%, $>$90, $\\sim$$10^3$, n^{O(1)}", "<1%, >90, ~10³, n^(O(1))"),
        ("\\begin{align*} x &= 1 \\\\ y &= 2 \\end{align*}", "x = 1; y = 2"),
        (
            "$\\lvert x \\rvert$, $\\int_0^1 f(x)\\,dx$, $\\langle\\psi|\\phi\\rangle$",
            "|x|, ∫₀¹ f(x) dx, ⟨ψ|φ⟩",
        ),
        ("$B\\to K^*\\ell^+\\ell^-$, $\\sqrt{s}=13$, $1''$", "B→K*ℓ⁺ℓ⁻, √s=13, 1″"),
        ("$f=\\begin{cases} 1 & x>0 \\\\ 0 & x<0\\end{cases}$", "f={ 1, x>0; 0, x<0 }"),
        ("it costs $5 and $\\alpha$ is 3", "it costs $5 and α is 3"),
        ("$R^2=0.9$ at $5", "R²=0.9 at $5"),
    ]);
}

#[test]
fn commands_in_prose_are_read() {
    check(&[
        ("\\textit{fully} \\textbf{open} \\emph{x} \\texttt{y_z}", "fully open x y_z"),
        ("\\underline{\\textbf{A}}daptive \\textsc{Net}", "Adaptive Net"),
        ("{\\bf Bold} and {\\em it}", "Bold and it"),
        ("45.7\\%, R\\&D, \\#1, a\\_b, \\$5, \\{x\\}", "45.7%, R&D, #1, a_b, $5, {x}"),
        ("1.5\\,TB, vs.\\ high, a\\;b", "1.5 TB, vs. high, a b"),
        ("RTX~5090, Fig.~3, A.~Smith, content~(UGC)", "RTX 5090, Fig. 3, A. Smith, content (UGC)"),
        ("(1)~QA, 8.67~pp, Claude~4.5~Sonnet", "(1) QA, 8.67 pp, Claude 4.5 Sonnet"),
        ("A^3-Bench~ https://x.org and \\~8B", "A³-Bench https://x.org and ~8B"),
        ("Erd\\H{o}s, G\\\"odel, Poincar\\'e, Caf\\'{e}", "Erdős, Gödel, Poincaré, Café"),
        ("{\\\"o}, {\\'e}, \\'{\\i}, \\`a, \\^{o}, \\~n", "ö, é, í, à, ô, ñ"),
        (
            "Fran\\c{c}ois, Ho\\v{r}ava, S\\o ren, \\L{}ukasz, \\AA",
            "François, Hořava, Søren, Łukasz, Å",
        ),
        ("{\\o}, stra{\\ss}e, \\k{a}, \\.{z}, \\={a}, \\u{g}", "ø, straße, ą, ż, ā, ğ"),
        ("it\\'s, don\\'t, \\\"so\\\" said", "it's, don't, \"so\" said"),
        (
            "in the 1990\\'s, answers in \\boxed{}, \\boxed{42}",
            "in the 1990's, answers in boxed, 42",
        ),
        ("\\\"Uber", "Über"),
        ("``mis-evolution'' and `black-box' nets", "“mis-evolution” and ‘black-box’ nets"),
        ("``crystallizes\" into, ``attacked`` to", "“crystallizes” into, “attacked” to"),
        ("``It's `fine''', he said", "“It's ‘fine’”, he said"),
        ("such as ''reviewer'' or so", "such as “reviewer” or so"),
        ("2017--2024, text--video, Paper -- Code", "2017–2024, text–video, Paper – Code"),
        ("candidate---that is", "candidate—that is"),
        (
            "(\\eg, 84.5) (\\ie, x) He \\etal. \\etc. \\wrt y",
            "(e.g., 84.5) (i.e., x) He et al. etc. w.r.t. y",
        ),
        (
            "(\\method). \\method{} and \\MethodPlus~improves",
            "(method). method and MethodPlus improves",
        ),
        ("\\modelname~make, \\foo{bar}", "modelname make, bar"),
        ("\\$OneMillion-Bench and \\81 or \\18,862", "$OneMillion-Bench and $81 or $18,862"),
        ("\\url{https://a.org/x\\_y}", "https://a.org/x_y"),
        ("\\href{https://a.org}{here}", "here (https://a.org)"),
        ("\\href{https://a.org}{https://a.org}", "https://a.org"),
        ("\\href{https://a.org/R.md{repo}}", "https://a.org/R.md (repo)"),
        ("shown~\\cite{smith2020} in \\ref{sec:a}", "shown [smith2020] in [sec:a]"),
        ("so \\citep[see][p.~3]{x}, \\cite[Thm. 2]{y}", "so [see x, p. 3], [y, Thm. 2]"),
        ("\\begin{figure}[ht!]A \\end{figure}\\begin{thm}[Name] B", "A [Name] B"),
        ("text\\footnote{A note.} goes", "text (A note.) goes"),
        ("\\LaTeX{} and \\TeX", "LaTeX and TeX"),
        ("A \\alpha\\ B, 3\\times 4, 5 \\times 6", "A α B, 3×4, 5 × 6"),
        ("n\\log n, \\frac{1}{2}, \\sqrt{n}, \\mathbb{R}", "n log n, 1/2, √n, ℝ"),
        ("\\textsuperscript{2}, x\\textsubscript{2}", "², x₂"),
        ("\\textcolor{red}{word}", "word"),
        ("Part One\\\\ Part Two \\newline Three", "Part One Part Two Three"),
        ("\\begin{itemize}\\item a \\item b\\end{itemize}", "• a • b"),
        (
            "A\\textendash B, M{\\\"u}ller, {\\AA}ngstr{\\\"o}m, na\\\"{\\i}ve",
            "A–B, Müller, Ångström, naïve",
        ),
        (
            "fb$^{-1}$, R$^2$, mAP$_{50}$, 25$^\\circ$C, Name$^{1,2}$",
            "fb⁻¹, R², mAP₅₀, 25°C, Name^(1,2)",
        ),
        ("soft\\-hyphen, \\ldots, \\dots", "softhyphen, …, …"),
        ("\\xspace \\noindent Text \\label{x}more", "Text more"),
        ("\\verb|x_y|", "x_y"),
    ]);
}

#[test]
fn stripped_formulas_are_read() {
    check(&[
        ("1920times1080", "1920×1080"),
        ("up to 4.7times faster, 200times, (20times)", "up to 4.7× faster, 200×, (20×)"),
        ("256 times 256, 2 times 2^4, 16 times 16 times 16", "256 × 256, 2 × 2⁴, 16 × 16 × 16"),
        ("8timesA800, 64times64times4, times3.23", "8×A800, 64×64×4, ×3.23"),
        ("by R^2times and by Rtimes, HtimesW, N times N", "by R²× and by R×, H×W, N × N"),
        ("4{times}, 256{times}256, {sim}1K, 1.2{sim}1.3times", "4×, 256×256, ~1K, 1.2~1.3×"),
        ("p(y mid x, D_{context})", "p(y | x, D_context)"),
        ("π(a mid v, ell), P(Y mid X)", "π(a | v, ℓ), P(Y | X)"),
        ("10^{-3}, 10^-4, 10^(-10), 2^16, 2^{256}", "10⁻³, 10⁻⁴, 10⁻¹⁰, 2¹⁶, 2²⁵⁶"),
        ("MR^2Bench, T^3RL, Pass^k, km^2, C(sp^3)-H", "MR²Bench, T³RL, Passᵏ, km², C(sp³)-H"),
        ("O(N^k), O(δ^2), R^{2} > 0.9, η^2", "O(Nᵏ), O(δ²), R² > 0.9, η²"),
        ("V_{0.5}, π_{0.5}, C_{50}, V_1, W_1, π_0", "V₀.₅, π₀.₅, C₅₀, V₁, W₁, π₀"),
        ("z_{t+1}-z_t, c_i, Macro-F_1, L_2-error", "zₜ₊₁-zₜ, cᵢ, Macro-F₁, L₂-error"),
        ("r^{update} and r^{exit}, p^θ", "r^update and r^exit, p^θ"),
        ("λ^star, M^*, 360^{circ}, 90^circ", "λ*, M*, 360°, 90°"),
        ("D_f approx 1.71, approx20%, ωapprox 2.8", "D_f ≈ 1.71, ≈20%, ω≈2.8"),
        ("sim25 FPS, sim51K, 1.04sim2.2times, sim8\\,m", "~25 FPS, ~51K, 1.04~2.2×, ~8 m"),
        ("5.654pm0.625, (pm1)", "5.654±0.625, (±1)"),
        ("0.117to0.598, round~0to1, εto 0", "0.117→0.598, round 0→1, ε→0"),
        ("64.1 rightarrow 70.3, +20.86%uparrow and", "64.1 → 70.3, +20.86%↑ and"),
        ("q_i propto p_i^{,old}, D ll V, L ge 576, leq 1K", "qᵢ ∝ pᵢ^old, D ≪ V, L ≥ 576, ≤ 1K"),
        ("boldsymbolπ-Step, mathcal{L}, mathbf x, mathcalO(n)", "π-Step, L, x, O(n)"),
        ("\\textit{boldsymbolπ-StepNFT}", "π-StepNFT"),
        ("nabla-Reasoner, nabla^2DFT, ell_1, varepsilon-Net", "∇-Reasoner, ∇²DFT, ℓ₁, ε-Net"),
        ("sum_k w_k R_k(x), pi_theta(y_i|x) / pi_ref(y)", "∑ₖ wₖ Rₖ(x), π_θ(yᵢ|x) / π_ref(y)"),
        ("tau^2-Bench, beta_1, alpha_{max}", "τ²-Bench, β₁, α_max"),
        ("1{,}879, n{=}15, τ{>}0", "1,879, n=15, τ>0"),
        ("{S}ignal symmet{R}y brea{K}ing {BERT}", "Signal symmetRy breaKing BERT"),
        ("{bf Sink-Aware Pruning}, which", "Sink-Aware Pruning, which"),
        (
            "https://a.org/b{here}. https://a.org/c{https://a.org/c}",
            "https://a.org/b (here). https://a.org/c",
        ),
        (
            "https://a.org/d{mypink{Github}} at blue{https://a.org/e}.",
            "https://a.org/d (Github) at https://a.org/e.",
        ),
        ("R^{n times m}, R^{Htimes W}", "R^(n×m), R^(H×W)"),
        ("infty, 5 cdot 3, x neq y, textbf{S}elf, frac{1}{2}", "∞, 5 · 3, x ≠ y, Self, 1/2"),
        ("inftyBench, mathbf{Phi}-GAN, CO_2, log_2 N, |x|_2", "∞Bench, Φ-GAN, CO₂, log₂ N, |x|₂"),
        ("K_d(490), d_f = 1.3, fix_1@1", "K_d(490), d_f = 1.3, fix_1@1"),
    ]);
}

#[test]
fn time_grows_with_the_text_alone() {
    // Each would take minutes if anything were read again and again.
    for hostile in [
        "$\\{",
        "{",
        "}",
        "${",
        "$",
        "\\(",
        "\\[",
        "\\begin{a}",
        "\\begin{equation}",
        "``",
        "`a",
        "^{",
        "_{",
        "\\hat",
        "\\frac",
        "\\frac{",
        "x^",
        "\\\\",
        "~",
        "times",
        "1to",
        "a.a@",
        "a/",
        "p(a mid ",
        "\\sqrt[",
        "--",
        "\\\"a",
        "\\href{",
        "\\textit{",
        "{\\bf ",
        "a_{b",
        "$a$",
        "\\left(",
        "\\not",
        "https://a.b/{",
    ] {
        let long = hostile.repeat(100_000 / hostile.len());
        let read = plain(&long);
        assert!(read.len() <= long.len() * 4, "{hostile}");
    }
}

proptest! {
    /// Whatever TeX stands around them, broken or not, words are not lost.
    #[test]
    fn words_outlive_any_tex(pieces in prop::collection::vec(prop::sample::select(vec![
        "$", "$$", "{", "}", "^", "_", "^{", "_{", "\\{", "\\}", "\\textit{", "\\alpha", "\\times ", "~",
        "``", "''", "`", "'", "--", "\\\\", "\\'", "\\\"", "\\%", "\\(", "\\)", "\\left", "\\sqrt{", "\\mathbf{",
        "{\\bf ", "\\foo{", "\\foo", "\\ ", "\\,", "times", "mid", "(", ")", "[", "]", "&", "https://a.b/", "\\cite{",
        "\\href{", "\\begin{x}", "Qa1", "Qb2 ", " Qc3", "Qd4", " ", "😀", "é", "字", "α",
    ]), 0..40)) {
        let text = pieces.concat();
        let read = plain(&text);
        let mut letters = read.nfkc();
        for word in pieces.iter().map(|piece| piece.trim()).filter(|piece| piece.starts_with('Q')) {
            for letter in word.chars() {
                prop_assert!(letters.any(|c| c == letter), "{text} is read {read}");
            }
        }
    }
}
