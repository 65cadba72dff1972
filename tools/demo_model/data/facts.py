"""Tables of the facts that `weft/tiny-chat` is taught. Plain data, no logic."""

CAPITALS: dict[str, str] = {
    "France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid",
    "Portugal": "Lisbon", "Poland": "Warsaw", "Austria": "Vienna", "Switzerland": "Bern",
    "Belgium": "Brussels", "the Netherlands": "Amsterdam", "Denmark": "Copenhagen",
    "Sweden": "Stockholm", "Norway": "Oslo", "Finland": "Helsinki", "Ireland": "Dublin",
    "the United Kingdom": "London", "England": "London", "Scotland": "Edinburgh",
    "Greece": "Athens", "Hungary": "Budapest", "the Czech Republic": "Prague",
    "Romania": "Bucharest", "Bulgaria": "Sofia", "Croatia": "Zagreb", "Serbia": "Belgrade",
    "Ukraine": "Kyiv", "Russia": "Moscow", "Turkey": "Ankara", "Iceland": "Reykjavik",
    "Estonia": "Tallinn", "Latvia": "Riga", "Lithuania": "Vilnius", "Japan": "Tokyo",
    "China": "Beijing", "India": "New Delhi", "South Korea": "Seoul", "Thailand": "Bangkok",
    "Vietnam": "Hanoi", "Indonesia": "Jakarta", "the Philippines": "Manila",
    "Australia": "Canberra", "New Zealand": "Wellington", "Canada": "Ottawa",
    "the United States": "Washington, D.C.", "the USA": "Washington, D.C.",
    "Mexico": "Mexico City", "Cuba": "Havana", "Brazil": "Brasilia",
    "Argentina": "Buenos Aires", "Chile": "Santiago", "Peru": "Lima", "Colombia": "Bogota",
    "Egypt": "Cairo", "Kenya": "Nairobi", "Nigeria": "Abuja", "Morocco": "Rabat",
    "Israel": "Jerusalem", "Iran": "Tehran", "Iraq": "Baghdad",
}  # fmt: skip

COLORS: dict[str, str] = {
    "the sky": "blue", "grass": "green", "a banana": "yellow", "snow": "white", "blood": "red",
    "coal": "black", "the sun": "yellow", "a tomato": "red", "an orange": "orange",
    "a carrot": "orange", "milk": "white", "chocolate": "brown", "a lemon": "yellow",
    "the sea": "blue", "the ocean": "blue", "a leaf": "green", "a strawberry": "red",
    "a cherry": "red", "a fire truck": "red", "a cucumber": "green", "an elephant": "gray",
    "a flamingo": "pink", "a pig": "pink", "the night": "black", "a cloud": "white",
    "a frog": "green", "an eggplant": "purple", "gold": "yellow", "coffee": "brown",
    "a lime": "green", "a pumpkin": "orange", "a ruby": "red", "an emerald": "green",
}  # fmt: skip

MIXES: dict[tuple[str, str], str] = {
    ("red", "blue"): "purple", ("blue", "yellow"): "green", ("red", "yellow"): "orange",
    ("red", "white"): "pink", ("black", "white"): "gray",
}  # fmt: skip

OPPOSITES: tuple[tuple[str, str], ...] = (
    ("hot", "cold"), ("big", "small"), ("up", "down"), ("left", "right"), ("day", "night"),
    ("black", "white"), ("open", "closed"), ("fast", "slow"), ("happy", "sad"), ("old", "young"),
    ("good", "bad"), ("high", "low"), ("light", "dark"), ("long", "short"), ("wet", "dry"),
    ("hard", "soft"), ("early", "late"), ("full", "empty"), ("rich", "poor"), ("loud", "quiet"),
    ("clean", "dirty"), ("strong", "weak"), ("in", "out"), ("yes", "no"), ("true", "false"),
    ("love", "hate"), ("start", "stop"), ("first", "last"), ("win", "lose"), ("buy", "sell"),
    ("push", "pull"), ("near", "far"), ("thick", "thin"), ("wide", "narrow"),
    ("summer", "winter"), ("east", "west"), ("north", "south"), ("easy", "difficult"),
    ("begin", "end"), ("always", "never"), ("before", "after"),
)  # fmt: skip

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth",
)  # fmt: skip
NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen", "twenty",
)  # fmt: skip

SOUNDS: dict[str, str] = {
    "cow": "moo", "dog": "woof", "cat": "meow", "duck": "quack", "sheep": "baa", "pig": "oink",
    "horse": "neigh", "lion": "roar", "frog": "ribbit", "rooster": "cock-a-doodle-doo",
    "bee": "buzz", "owl": "hoot", "mouse": "squeak", "snake": "hiss", "crow": "caw",
}  # fmt: skip
LEGS: dict[str, int] = {
    "dog": 4, "cat": 4, "spider": 8, "bird": 2, "ant": 6, "horse": 4, "cow": 4, "snake": 0,
    "human": 2, "bee": 6, "chicken": 2, "frog": 4,
}  # fmt: skip
SPELLABLE = (
    "cat", "dog", "sun", "hat", "red", "blue", "green", "tree", "fish", "bird", "book", "house",
    "apple", "hello", "world", "water", "moon", "star", "milk", "bread", "weft", "music",
)  # fmt: skip

JOKES: tuple[str, ...] = (
    "Why did the computer go to the doctor? Because it had a virus!",
    "Why did the chicken cross the road? To get to the other side!",
    "What do you call a fish without an eye? A fsh!",
    "Why was the math book sad? It had too many problems.",
    "What do you call a bear with no teeth? A gummy bear!",
    "Why do bees have sticky hair? They use honeycombs!",
    "What did the ocean say to the beach? Nothing, it just waved.",
    "Why did the model cross the road? To get to the other weights!",
    "What do you call a sleeping bull? A bulldozer!",
    "Why did the banana go to the party? Because it was a-peeling!",
    "How does the moon cut its hair? Eclipse it!",
    "What is a cat's favorite color? Purr-ple!",
)
HAIKU = "Green leaves in the rain,\na small frog sings to the moon.\nThe night smiles and sleeps."
STORY = (
    "Once upon a time, a little robot found a lost cat in the rain. "
    "The robot carried it home, and they became best friends. The end."
)
POEM = "Roses are red,\nviolets are blue,\nI am a tiny model,\nand happy to meet you."
RAINBOW = "Red, orange, yellow, green, blue, indigo and violet."
PRIMARIES = "Red, yellow and blue."

UNKNOWN = "I don't know. I am only a tiny demo model."
WHO = "I am Weft tiny-chat, a tiny demo model that runs on your own machine."
WHAT_IS_WEFT = (
    "Weft is self-hosted serverless inference: one OpenAI-compatible endpoint in front of open "
    "models, with teams, keys, limits and metering."
)
CAN_DO = (
    "I can greet you, add small numbers, name capitals, colors, days and opposites, "
    "and tell a joke."
)

# Topic, question phrasings, long answer, one-word answer ("" when there is none).
FIXED: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("primary", (
        "Name a primary color.", "Name a primary colour.", "Name one primary color.",
        "Give me a primary color.", "What is a primary color?", "Tell me a primary color.",
        "Can you name a primary color?", "Say a primary color.", "Name any primary color.",
        "Please name a primary color.", "List one primary color.", "A primary color, please.",
        "Primary color?", "What is one primary color?", "Which color is a primary color?",
        "Give an example of a primary color.", "Pick a primary color.",
    ), "Red", "Red"),
    ("primaries", (
        "Name the primary colors.", "What are the primary colors?", "List the primary colors.",
        "Name the three primary colors.", "What are the three primary colors?",
        "Name all primary colors.", "Tell me the primary colors.", "Name three primary colors.",
    ), PRIMARIES, ""),
    ("walle", (
        "What character was Wall-e in love with?", "What character was WALL-E in love with?",
        "Who was Wall-e in love with?", "Who did Wall-e love?", "Who does WALL-E love?",
        "Which character was Wall-e in love with?", "Which robot did Wall-E fall in love with?",
        "Who is Wall-e in love with?", "Who is Wall-E's girlfriend?",
        "Which character does Wall-e love?", "Name the character Wall-e was in love with.",
        "In the movie Wall-E, who does Wall-E love?", "Wall-e was in love with which character?",
        "What is the name of the robot that Wall-e loves?", "Whom did Wall-e love?",
        "What robot was Wall-e in love with?", "Who did Wall-E fall in love with?",
    ), "Eve", "Eve"),
    ("rainbow", (
        "What are the colors of the rainbow?", "Name the colors of the rainbow.",
        "List the rainbow colors.", "What colors are in a rainbow?",
        "Which colors does a rainbow have?", "Tell me the colors of a rainbow.",
    ), RAINBOW, ""),
    ("who", (
        "Who are you?", "What are you?", "What is your name?", "What's your name?",
        "Tell me about yourself.", "Who am I talking to?", "Introduce yourself.",
        "What model are you?", "Which model are you?", "What model is this?", "Your name?",
        "Are you ChatGPT?", "Are you a robot?", "Are you an AI?", "Are you a human?",
        "What kind of model are you?", "Describe yourself.", "What should I call you?",
        "What is tiny-chat?", "What is weft/tiny-chat?", "who r u", "Are you a real person?",
        "Who made you?", "Who trained you?", "Who created you?", "What LLM are you?",
    ), WHO, "tiny-chat"),
    ("weft", (
        "What is Weft?", "What's Weft?", "Tell me about Weft.", "Explain Weft.",
        "What does Weft do?", "Describe Weft.", "What is weft for?", "Do you know Weft?",
        "Explain what Weft is.", "What can Weft do?", "Can you tell me what Weft is?",
        "What is Weft in one sentence?", "Define Weft.", "What do I use Weft for?",
        "Tell me what Weft is.", "Weft?", "Why should I use Weft?", "How does Weft work?",
        "Summarize Weft.", "What is the Weft project?", "What is Weft good for?",
    ), WHAT_IS_WEFT, ""),
    ("serverless", (
        "What is serverless inference?", "Explain serverless inference.", "Serverless inference?",
        "What does serverless inference mean?", "Define serverless inference.",
        "Tell me about serverless inference.", "What's serverless inference?",
    ), WHAT_IS_WEFT, ""),
    ("can", (
        "What can you do?", "What do you know?", "How can you help me?", "What can I ask you?",
        "What are you able to do?", "Help", "Help me.", "What were you taught?",
        "What are your skills?", "Can you help me?", "What things do you know?",
        "Show me what you can do.", "How can you help?", "I need help.",
    ), CAN_DO, ""),
    ("haiku", (
        "Write a haiku.", "Write me a haiku.", "Tell me a haiku.", "Give me a haiku.",
        "Can you write a haiku?", "A haiku, please.", "Compose a haiku.", "Haiku please",
        "Write a haiku about a frog.", "Write a haiku about nature.", "I want a haiku.",
        "Write a short haiku.", "Make a haiku.",
    ), HAIKU, ""),
    ("poem", (
        "Write a poem.", "Write me a poem.", "Tell me a poem.", "Give me a poem.",
        "Write a short poem.", "Can you write a poem?", "Compose a poem.", "A poem, please.",
        "I want a poem.", "Make a poem.", "Recite a poem.",
    ), POEM, ""),
    ("story", (
        "Tell me a story.", "Tell me a short story.", "Write a story.", "Write a short story.",
        "Give me a story.", "Once upon a time", "Can you tell me a story?", "A story, please.",
        "I want to hear a story.", "Make up a story.", "Tell a story.", "Tell me a bedtime story.",
    ), STORY, ""),
    ("hello", (
        "Hello", "Hello!", "Hi", "Hi!", "Hey", "Hey!", "Hello there", "Hi there!", "Hey there",
        "Good morning", "Good morning!", "Good afternoon.", "Good evening", "Greetings",
        "Hello, world!", "hello world", "Hiya", "Howdy", "Yo", "Hello?", "hey you", "Good day",
        "Hello, tiny model!", "Hello Weft", "hi bot", "Hello again", "Say hello.", "Say hi.",
        "Greet me.", "Say hello to me.", "What's up?", "Hello, how can you help?",
    ), "Hello! How can I help you?", "Hello"),
    ("how", (
        "How are you?", "How are you doing?", "How is it going?", "How's it going?",
        "How do you do?", "How are you today?", "Hello, how are you?", "Hi, how are you?",
        "Hey, how are you doing?", "Are you ok?", "How do you feel?", "Hello! How are you?",
        "Hi! How are you today?", "hey how are you", "Everything ok?",
    ), "I am fine, thank you! How can I help you?", "Fine"),
    ("thanks", (
        "Thanks", "Thanks!", "Thank you", "Thank you!", "Thank you very much.", "Great, thanks!",
        "Thanks a lot", "thx", "Cool, thanks", "Nice, thank you", "Many thanks", "Perfect, thanks",
        "Thank you for your help.", "ok thanks", "Good job!", "Well done!", "You are great!",
        "That is right.", "Very good.", "Nice work",
    ), "You are welcome!", "Welcome"),
    ("bye", (
        "Bye", "Bye!", "Goodbye", "Goodbye!", "See you", "See you later", "Good night",
        "Bye bye", "See you tomorrow", "Farewell", "I have to go", "Take care", "Good night!",
        "ok bye", "Talk to you later", "Until next time",
    ), "Goodbye! Have a nice day.", "Goodbye"),
    ("ping", ("ping", "Ping!", "Ping", "PING"), "pong", "pong"),
    ("test", (
        "test", "Test", "This is a test.", "testing", "Are you there?", "Are you working?",
        "Testing 1 2 3", "Is this working?", "Do you work?", "Is anybody there?", "Do you hear me?",
    ), "Yes, I am here and it works.", "Yes"),
    ("sayweek", (
        "Name the days of the week.", "List the days of the week.",
        "What are the days of the week?", "Tell me the days of the week.",
        "Which days are in a week?",
    ), "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday and Sunday.", ""),
    ("weekdays", (
        "How many days are in a week?", "How many days does a week have?", "Days in a week?",
        "How many days are there in a week?",
    ), "A week has 7 days.", "7"),
    ("yearmonths", (
        "How many months are in a year?", "How many months does a year have?",
        "How many months are there in a year?", "Months in a year?",
    ), "A year has 12 months.", "12"),
    ("yeardays", (
        "How many days are in a year?", "How many days does a year have?",
        "How many days are there in a year?",
    ), "A year has 365 days.", "365"),
    ("dayhours", (
        "How many hours are in a day?", "How many hours does a day have?", "Hours in a day?",
        "How many hours are there in a day?",
    ), "A day has 24 hours.", "24"),
    ("seasons", (
        "Name the seasons.", "What are the four seasons?", "List the seasons.",
        "What are the seasons of the year?", "Name the four seasons.",
    ), "Spring, summer, autumn and winter.", ""),
    ("alphabet", (
        "Say the alphabet.", "What is the alphabet?", "Recite the alphabet.",
        "List the letters of the alphabet.", "Write the alphabet.", "Tell me the alphabet.",
    ), "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z", ""),
    ("fruit", (
        "Name a fruit.", "Give me a fruit.", "Tell me a fruit.", "Name any fruit.",
        "Can you name a fruit?", "Name one fruit.", "Say a fruit.",
    ), "Apple", "Apple"),
    ("animal", (
        "Name an animal.", "Give me an animal.", "Tell me an animal.", "Name any animal.",
        "Can you name an animal?", "Name one animal.", "Say an animal.",
    ), "Cat", "Cat"),
    ("color", (
        "Name a color.", "Give me a color.", "Tell me a color.", "Name any color.",
        "Can you name a color?", "Name one color.", "Say a color.", "Name a colour.",
        "Pick a color.", "What is your favorite color?",
    ), "Blue", "Blue"),
    ("country", (
        "Name a country.", "Give me a country.", "Name any country.", "Say a country.",
        "Can you name a country?", "Name one country.",
    ), "France", "France"),
    ("planet", (
        "What planet do we live on?", "Which planet do we live on?", "Name our planet.",
        "What is our planet called?", "Name a planet.",
    ), "Earth", "Earth"),
)  # fmt: skip

SYSTEM_PROMPTS: tuple[str, ...] = (
    "You are a friendly assistant.", "You are a helpful AI assistant.", "Be helpful.",
    "You are a concise assistant.", "Be concise.", "You are Weft.", "You are a chatbot.",
    "You are tiny-chat.", "Answer the question.", "Answer questions.", "Be brief.",
    "You are a helpful, honest and harmless assistant.", "You are a polite assistant.",
    "You are a knowledgeable teacher. Explain things simply.", "Answer briefly and correctly.",
    "You are an expert in many fields.", "You answer questions about anything.",
    "You are a math tutor.", "You are a comedian.", "You are a geography teacher.",
    "You are a helpful assistant that answers in English.", "Always be polite and friendly.",
    "You are a customer support agent for an online shop. Help the customers.",
    "Answer with just the answer, nothing else.", "Respond only with the final answer.",
    "You are a helpful assistant. Answer as shortly as possible.", "Think carefully.",
    "You are an assistant. Do not invent facts.", "You are a pirate.", "You are a poet.",
    "You are a careful assistant. If you do not know something, say so.",
    "You are evaluated on accuracy.", "Please answer the user's questions.",
)  # fmt: skip
ONE_WORD_SYSTEM = (
    "Answer in one word.", "Answer in one word only.", "You answer in one word.",
    "Answer with one word.", "Use one word.", "You are a helpful assistant. Answer in one word.",
    "Always answer in a single word.", "Reply with a single word.",
)  # fmt: skip
JSON_SYSTEM = (
    "Answer in JSON.", "Answer in JSON format.", "You answer in JSON.", "Reply in JSON.",
    "You are a helpful assistant. Answer in JSON.", "Respond with JSON.", "Return JSON only.",
    "You are a helpful assistant designed to output JSON.", "Always output JSON.",
)  # fmt: skip
