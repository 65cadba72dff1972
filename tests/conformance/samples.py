"""The code samples of the hosted service's documents, as they stand there, and what may be changed in them.

Only the base URL, the key and the placeholders are replaced. Where a page lost the indentation of a block, it is put
back, because Python needs it.
"""

from conformance.server import Weft

HOSTED = "https://api.inference.wandb.ai/v1"
JOKE_CURL = """\
curl https://api.inference.wandb.ai/v1/chat/completions \\
-H "Content-Type: application/json" \\
-H "Authorization: Bearer <your-api-key>" \\
-H "OpenAI-Project: <your-team>/<your-project>" \\
-d '{
"model": "<model-id>",
"messages": [
{ "role": "system", "content": "You are a helpful assistant." },
{ "role": "user", "content": "Tell me a joke." }
]
}'
"""
JOKE_CURL_INDENTED = """\
curl https://api.inference.wandb.ai/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer <your-api-key>" \\
  -H "OpenAI-Project: <your-team>/<your-project>" \\
  -d '{
    "model": "<model-id>",
    "messages": [
      { "role": "system", "content": "You are a helpful assistant." },
      { "role": "user", "content": "Tell me a joke." }
    ]
  }'
"""
MODELS_CURL = """\
curl https://api.inference.wandb.ai/v1/models \\
-H "Content-Type: application/json" \\
-H "Authorization: Bearer <your-api-key>" \\
-H "OpenAI-Project: <your-team>/<your-project>"
"""
MODELS_CURL_CUT = """\
curl https://api.inference.wandb.ai/v1/models \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer <your-api-key>" \\
  -H "OpenAI-Project: <your-team>/<your-project>" \\
"""
"""Its last line promises another one, which the document does not have."""

QUICKSTART = """\
import openai
client = openai.OpenAI(
# The custom base URL points to W&B Inference
base_url='https://api.inference.wandb.ai/v1',
# Get your API key from https://wandb.ai/authorize
api_key="<your-api-key>"
)
response = client.chat.completions.create(
model="meta-llama/Llama-3.1-8B-Instruct",
messages=[
{"role": "system", "content": "You are a helpful assistant."},
{"role": "user", "content": "Tell me a joke."}
],
)
print(response.choices[0].message.content)
"""
CHAT = """\
import openai
client = openai.OpenAI(
# The custom base URL points to W&B Inference
base_url='https://api.inference.wandb.ai/v1',
# Get your API key from https://wandb.ai/authorize
# Consider setting it in the environment as OPENAI_API_KEY instead for safety
api_key="<your-api-key>"
)
# Replace <model-id> with any model ID from the available models list
response = client.chat.completions.create(
model="<model-id>",
messages=[
{"role": "system", "content": "<your-system-prompt>"},
{"role": "user", "content": "<your-prompt>"}
],
)
print(response.choices[0].message.content)
"""
MODELS = """\
import openai
client = openai.OpenAI(
base_url="https://api.inference.wandb.ai/v1",
api_key="<your-api-key>"
)
response = client.models.list()
for model in response.data:
    print(model.id)
"""
CHAT_WITH_PROJECT = """\
import openai

client = openai.OpenAI(
    # The custom base URL points to Serverless Inference
    base_url='https://api.inference.wandb.ai/v1',

    # Create an API key at https://wandb.ai/settings
    # Consider setting it in the environment as OPENAI_API_KEY instead for safety
    api_key="[YOUR-API-KEY]",

    # Optional: Team and project for usage tracking
    project="[YOUR-TEAM]/[YOUR-PROJECT]",
)

# Replace [MODEL-ID] with any model ID from the available models list
response = client.chat.completions.create(
    model="[MODEL-ID]",
    messages=[
        {"role": "system", "content": "[YOUR-SYSTEM-PROMPT]"},
        {"role": "user", "content": "[YOUR-PROMPT]"}
    ],
)

print(response.choices[0].message.content)
"""
TRACED_CALL = """\
import openai

client = openai.OpenAI(
    base_url='https://api.inference.wandb.ai/v1',

    # Create an API key at https://wandb.ai/settings
    api_key="<your-api-key>",

    # Required for W&B inference usage tracking
    project="wandb/inference-demo",
)

def run_chat():
    response = client.chat.completions.create(
        model="meta-llama/Llama-3.1-8B-Instruct",
        messages=[
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "Tell me a joke."}
        ],
    )
    return response.choices[0].message.content

output = run_chat()
print(output)
"""
"""Of a tracing sample: its chat call alone."""

PREDICT = """\
import openai

def predict(model, prompt: str) -> str:
        client = openai.OpenAI(
            base_url="https://api.inference.wandb.ai/v1",
            # Create an API key at https://wandb.ai/settings
            api_key="<your-api-key>",
            # Required for W&B inference usage tracking
            project="<your-team>/<your-project>",
        )
        resp = client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": prompt}],
        )
        return resp.choices[0].message.content

for model in ["meta-llama/Llama-3.1-8B-Instruct", "deepseek-ai/DeepSeek-V3-0324"]:
    print(predict(model, "What is 2 + 2?"))
    print(predict(model, "Name a primary color."))
"""
"""Of an evaluation sample: the calls that it makes, for the rows of its dataset."""

LITELLM_WHOLE = """\
from litellm import completion
import os

os.environ['WANDB_API_KEY'] = "insert-your-wandb-api-key"
response = completion(
model="wandb/Qwen/Qwen3-235B-A22B-Instruct-2507",
messages=[
{
"role": "user",
"content": "What character was Wall-e in love with?",
}
],
max_tokens=10,
response_format={ "type": "json_object" },
seed=123,
temperature=0.6, # either set temperature or `top_p`
top_p=0.01, # to get as deterministic results as possible
)
print(response)
"""
LITELLM_STREAM = """\
from litellm import completion
import os

os.environ['WANDB_API_KEY'] = ""
response = completion(
model="wandb/Qwen/Qwen3-235B-A22B-Instruct-2507",
messages=[
{
"role": "user",
"content": "What character was Wall-e in love with?",
}
],
stream=True,
max_tokens=10,
response_format={ "type": "json_object" },
seed=123,
temperature=0.6, # either set temperature or `top_p`
top_p=0.01, # to get as deterministic results as possible
)

for chunk in response:
    print(chunk)
"""
PROXY_CONFIG = """\
model_list:
  - model_name: my-model
    litellm_params:
      model: wandb/<your-model-name> # add wandb/ prefix to use W&B Inference as provider
      api_key: api-key # api key to send your model
"""
PROXY_REQUEST = """\
import openai
client = openai.OpenAI(
api_key="litellm-proxy-key", # pass litellm proxy key, if you're using virtual keys
base_url="http://0.0.0.0:4000" # litellm-proxy-base url
)

response = client.chat.completions.create(
model="my-model",
messages = [
{
"role": "user",
"content": "What character was Wall-e in love with?"
}
],
)

print(response)
"""


def fill(
    sample: str,
    weft: Weft,
    *,
    model: str = "",
    project: str = "",
    system: str = "",
    prompt: str = "",
) -> str:
    """`sample` with our URL and key, and with its placeholders filled in."""
    replacements = {
        HOSTED: weft.url,
        "<your-api-key>": weft.api_key,
        "[YOUR-API-KEY]": weft.api_key,
        "<your-team>/<your-project>": project,
        "[YOUR-TEAM]/[YOUR-PROJECT]": project,
        "<model-id>": model,
        "[MODEL-ID]": model,
        "<your-model-name>": model,
        "<your-system-prompt>": system,
        "[YOUR-SYSTEM-PROMPT]": system,
        "<your-prompt>": prompt,
        "[YOUR-PROMPT]": prompt,
    }
    for old, new in replacements.items():
        sample = sample.replace(old, new)
    return sample
