"""The faces that relay: Hugging Face's endpoints, and OpenAI's paths wherever they begin."""

from stoker.gateway.face import Face
from stoker.wire.aws.invocations import AwsRuntimeFace
from stoker.wire.huggingface.invocations import HubReader, HubWords
from stoker.wire.openai.readers import EndpointReader, ModelsReader
from stoker.wire.openai.words import AwsOpenAiWords, OpenAiWords
from stoker.wire.relaying import RelayFace


def relaying_faces(aws: AwsRuntimeFace, *, home: str) -> list[Face]:
    """Give them all; `aws` words failures below SageMaker's endpoints, `home` is the namespace of endpoints with plain names."""
    return [
        RelayFace(ModelsReader(), OpenAiWords(), strangers=True),
        RelayFace(HubReader(home, openai=True), OpenAiWords(), strangers=True),
        RelayFace(HubReader(home, openai=False), HubWords(), strangers=True),
        RelayFace(EndpointReader(), AwsOpenAiWords(aws), strangers=False),
    ]
