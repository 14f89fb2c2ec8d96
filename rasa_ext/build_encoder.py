"""Build the sentence encoder: all-MiniLM-L6-v2 as an int8 ONNX graph, straight from its weights, without torch.

``python -m rasa_ext.build_encoder SAFETENSORS TOKENIZER_JSON [OUT_DIR]`` checks both inputs against known SHA-256
sums, writes ``encoder.onnx``, ``tokenizer.json`` and ``encoder.json`` to OUT_DIR and exits with 1 and one sentence
when anything is wrong. The weights are sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from rasa_ext.nlu.encoder import DIMENSIONS, MANIFEST_FILE, MODEL_FILE, TOKENIZER_FILE, Encoder

SAFETENSORS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
DEFAULT_OUT_DIR = Path("var/encoder")

LAYERS, HEADS = 6, 12
LAYER_NORM_EPSILON = 1e-12
# Less than any value of a token.
BELOW_ALL = -1e9
CONTRIB = "com.microsoft"
OPSET, IR_VERSION = 17, 8
MINIMUM_COSINE = 0.98
CHECK_SENTENCES = (
    "How long does the treatment last?",
    "what does it cost",
    "I would like to speak to a real person, please, because nobody has called me back since Tuesday.",
    "is it safe",
    "Where are you and are you open on Saturdays?",
)


class BuildError(Exception):
    """The encoder cannot be built; the message is one sentence for the person who ran the command."""


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex. Raises OSError when it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def check_file(path: Path, expected: str) -> None:
    """Raise BuildError unless the file exists and has exactly the expected SHA-256."""
    try:
        actual = file_sha256(path)
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror}.") from error
    if actual != expected:
        raise BuildError(f"{path} is not the expected file: its SHA-256 is {actual}, it should be {expected}.")


class GraphBuilder:
    """Collects the nodes and constants of the network; every method returns the name of the tensor that it makes."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: object, dtype: type = np.float32) -> str:
        if name not in self.constants:
            array = np.ascontiguousarray(np.asarray(value).astype(dtype))
            self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: object) -> str:
        self.nodes.append(
            helper.make_node(kind, inputs, [output], name=f"{kind}_{output}", domain=domain, **attributes)
        )
        return output

    def product(self, tensor: str, dense: str, output: str) -> str:
        """Multiply by a dense layer's weights; its bias belongs to the fused node that follows."""
        return self.node("MatMul", [tensor, self.constant(f"{dense}.T", self.weights[f"{dense}.weight"].T)], output)

    def add_and_normalise(self, tensor: str, skip: str, dense: str, norm: str, output: str) -> str:
        """``LayerNorm(dense(tensor) + skip)``."""
        inputs = [
            self.product(tensor, dense, f"{output}_product"),
            skip,
            self.weight(f"{norm}.weight"),
            self.weight(f"{norm}.bias"),
            self.weight(f"{dense}.bias"),
        ]
        return self.node("SkipLayerNormalization", inputs, output, CONTRIB, epsilon=LAYER_NORM_EPSILON)

    def embeddings(self) -> str:
        """Word plus position embeddings; all tokens have type 0, so its embedding goes into the positions."""
        positions = (
            self.weights["embeddings.position_embeddings.weight"]
            + self.weights["embeddings.token_type_embeddings.weight"][0]
        )
        self.node("Gather", [self.weight("embeddings.word_embeddings.weight"), "input_ids"], "words")
        self.node("Shape", ["input_ids"], "length", start=1, end=2)
        zero, axis = self.constant("slice_start", [0], np.int64), self.constant("slice_axis", [0], np.int64)
        self.node("Slice", [self.constant("positions", positions), zero, "length", axis], "places")
        self.node("Add", ["words", "places"], "embedded")
        norm = "embeddings.LayerNorm"
        inputs = ["embedded", self.weight(f"{norm}.weight"), self.weight(f"{norm}.bias")]
        return self.node("LayerNormalization", inputs, "layer_0", axis=-1, epsilon=LAYER_NORM_EPSILON)

    def layer(self, tensor: str, index: int) -> str:
        """One transformer layer: fused self-attention, then the two dense layers with GELU between them."""
        prefix = f"encoder.layer.{index}."
        parts = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
        weight = np.concatenate([self.weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self.weights[f"{part}.bias"] for part in parts])
        inputs = [tensor, self.constant(f"{prefix}qkv.weight", weight), self.constant(f"{prefix}qkv.bias", bias)]
        context = self.node("Attention", [*inputs, "mask_int32"], f"context_{index}", CONTRIB, num_heads=HEADS)
        output = f"{prefix}attention.output"
        attended = self.add_and_normalise(
            context, tensor, f"{output}.dense", f"{output}.LayerNorm", f"attended_{index}"
        )
        dense = f"{prefix}intermediate.dense"
        widened = self.product(attended, dense, f"widened_{index}")
        activated = self.node("BiasGelu", [widened, self.weight(f"{dense}.bias")], f"activated_{index}", CONTRIB)
        output = f"{prefix}output"
        return self.add_and_normalise(
            activated, attended, f"{output}.dense", f"{output}.LayerNorm", f"layer_{index + 1}"
        )

    def pooling(self, tensor: str) -> None:
        """Average the tokens that are not padding and take the highest of each dimension; scale both to length 1."""
        self.node("Unsqueeze", ["mask", self.constant("last_axis", [2], np.int64)], "mask_3d")
        self.node("Mul", [tensor, "mask_3d"], "masked")
        token_axis = self.constant("token_axis", [1], np.int64)
        self.node("ReduceSum", ["masked", token_axis], "token_sum", keepdims=0)
        self.node("ReduceSum", ["mask_3d", token_axis], "token_count", keepdims=0)
        self.node("Div", ["token_sum", "token_count"], "mean")
        self.node("Cast", ["mask_3d"], "is_token", to=TensorProto.BOOL)
        self.node("Where", ["is_token", tensor, self.constant("lowest", BELOW_ALL)], "tokens_only")
        self.node("ReduceMax", ["tokens_only"], "highest", axes=[1], keepdims=0)
        for pooled in ("mean", "highest"):
            self.node("LpNormalization", [pooled], f"{pooled}_unit", axis=-1, p=2)
        self.node("Concat", ["mean_unit", "highest_unit"], "both", axis=-1)
        self.node("LpNormalization", ["both"], "sentence", axis=-1, p=2)


def build_graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Return the float32 network: ``input_ids`` and ``attention_mask`` (batch, tokens) to ``sentence`` (batch, 768)."""
    builder = GraphBuilder(weights)
    builder.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    builder.node("Cast", ["attention_mask"], "mask_int32", to=TensorProto.INT32)
    tensor = builder.embeddings()
    for index in range(LAYERS):
        tensor = builder.layer(tensor, index)
    builder.pooling(tensor)
    shape = ["batch", "tokens"]
    graph = helper.make_graph(
        builder.nodes,
        "sentence_encoder",
        [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("sentence", TensorProto.FLOAT, ["batch", DIMENSIONS])],
        initializer=list(builder.constants.values()),
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Read the weights of the network; names may carry the prefix ``bert.``."""
    from safetensors.numpy import load_file

    return {name.removeprefix("bert."): value for name, value in load_file(str(path)).items()}


def processor_has_vnni(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Say whether the processor adds int8 products without saturating; False when that cannot be found out."""
    try:
        return "vnni" in cpuinfo.read_text()
    except OSError:
        return False


def quantize(source: Path, target: Path, reduce_range: bool) -> None:
    """Write an int8 copy: weights per channel, activations at run time, embeddings left in float32.

    ``reduce_range`` uses 7 bits, which processors without VNNI need, because their int8 sums saturate.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        str(source),
        str(target),
        op_types_to_quantize=["MatMul", "Attention"],
        per_channel=True,
        reduce_range=reduce_range,
        weight_type=QuantType.QInt8,
        # The shapes behind contrib ops cannot be inferred, so their type has to be told.
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )


def lowest_cosine(exact: Path, quantized: Path, tokenizer: Path) -> float:
    """Return the lowest cosine between the two networks' vectors of the check sentences."""
    vectors = [Encoder(model, tokenizer, sha256="").encode(list(CHECK_SENTENCES)) for model in (exact, quantized)]
    return float((vectors[0] * vectors[1]).sum(axis=1).min())


def build(safetensors: Path, tokenizer: Path, out_dir: Path) -> dict[str, object]:
    """Check the inputs, build, quantize, compare, and write the three files. Raises BuildError."""
    check_file(safetensors, SAFETENSORS_SHA256)
    check_file(tokenizer, TOKENIZER_SHA256)
    out_dir.mkdir(parents=True, exist_ok=True)
    # Inside the target folder, so that the last step is a rename on the same disk.
    with tempfile.TemporaryDirectory(dir=out_dir) as scratch:
        exact, quantized = Path(scratch, "float32.onnx"), Path(scratch, MODEL_FILE)
        onnx.save(build_graph(read_weights(safetensors)), str(exact))
        reduce_range = not processor_has_vnni()
        quantize(exact, quantized, reduce_range)
        cosine = lowest_cosine(exact, quantized, tokenizer)
        if cosine < MINIMUM_COSINE:
            raise BuildError(f"The int8 encoder differs too much from float32: cosine {cosine:.3f}.")
        manifest: dict[str, object] = {
            "model": "sentence-transformers/all-MiniLM-L6-v2",
            "license": "Apache-2.0",
            "safetensors_sha256": SAFETENSORS_SHA256,
            "tokenizer_sha256": TOKENIZER_SHA256,
            "onnx_sha256": file_sha256(quantized),
            "reduce_range": reduce_range,
            "lowest_cosine_to_float32": round(cosine, 4),
        }
        shutil.copyfile(tokenizer, out_dir / TOKENIZER_FILE)
        quantized.replace(out_dir / MODEL_FILE)
    (out_dir / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when the encoder was written."""
    parser = argparse.ArgumentParser(prog="python -m rasa_ext.build_encoder", description="Build the sentence encoder.")
    parser.add_argument("safetensors", type=Path, help="model.safetensors of all-MiniLM-L6-v2")
    parser.add_argument("tokenizer", type=Path, help="its tokenizer.json")
    parser.add_argument("out_dir", type=Path, nargs="?", default=DEFAULT_OUT_DIR, help="default: %(default)s")
    options = parser.parse_args(arguments)
    try:
        manifest = build(options.safetensors, options.tokenizer, options.out_dir)
    except BuildError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command speaks
        return 1
    print(f"{options.out_dir / MODEL_FILE}: cosine to float32 at least {manifest['lowest_cosine_to_float32']}.")  # noqa: T201 - a command speaks
    return 0


if __name__ == "__main__":
    sys.exit(main())
