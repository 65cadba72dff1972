"""Made-up names and plain words, so that copying and declining cannot be learnt by heart."""

from __future__ import annotations

from random import Random

_ONSETS = (
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z",
    "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "kr", "pl", "pr", "sh", "sk", "sl",
    "sn", "st", "str", "th", "tr", "qu", "wh", "",
)  # fmt: skip
_VOWELS = ("a", "e", "i", "o", "u", "ai", "ea", "ee", "ie", "oo", "ou", "y", "ia", "au")
_CODAS = (
    "", "", "", "n", "r", "s", "l", "t", "m", "d", "k", "ck", "st", "nd", "ng", "rk", "ll", "ss",
    "th", "x", "nt", "rt",
)  # fmt: skip
_ENDINGS = ("ton", "ville", "burg", "ford", "land", "stadt", "ia", "o", "polis", "grad", "field")

CITIES = (
    "Paris", "London", "Berlin", "Madrid", "Rome", "Vienna", "Lisbon", "Oslo", "Tokyo", "Kyoto",
    "Osaka", "Beijing", "Shanghai", "Hong Kong", "Singapore", "Seoul", "Busan", "Bangkok",
    "Hanoi", "Jakarta", "Manila", "Sydney", "Melbourne", "Brisbane", "Perth", "Auckland",
    "Wellington", "San Francisco", "New York", "New York City", "Los Angeles", "Chicago",
    "Boston", "Seattle", "Austin", "Dallas", "Houston", "Denver", "Miami", "Atlanta", "Portland",
    "San Diego", "San Jose", "Las Vegas", "Salt Lake City", "Kansas City", "New Orleans",
    "Philadelphia", "Washington", "Phoenix", "Detroit", "Toronto", "Vancouver", "Montreal",
    "Ottawa", "Mexico City", "Buenos Aires", "Rio de Janeiro", "Sao Paulo", "Santiago", "Lima",
    "Bogota", "Quito", "Caracas", "Cairo", "Cape Town", "Johannesburg", "Nairobi", "Lagos",
    "Accra", "Casablanca", "Tunis", "Istanbul", "Ankara", "Athens", "Dubai", "Abu Dhabi", "Doha",
    "Tel Aviv", "Jerusalem", "Tehran", "Baghdad", "Mumbai", "Delhi", "New Delhi", "Bangalore",
    "Kolkata", "Chennai", "Karachi", "Lahore", "Kabul", "Moscow", "Saint Petersburg", "Kyiv",
    "Warsaw", "Krakow", "Prague", "Budapest", "Bucharest", "Sofia", "Belgrade", "Zagreb",
    "Munich", "Hamburg", "Cologne", "Frankfurt", "Stuttgart", "Leipzig", "Dresden", "Zurich",
    "Geneva", "Basel", "Bern", "Milan", "Naples", "Venice", "Florence", "Turin", "Barcelona",
    "Valencia", "Seville", "Porto", "Lyon", "Marseille", "Nice", "Lille", "Bordeaux", "Brussels",
    "Antwerp", "Amsterdam", "Rotterdam", "The Hague", "Copenhagen", "Stockholm", "Gothenburg",
    "Helsinki", "Reykjavik", "Dublin", "Cork", "Belfast", "Edinburgh", "Glasgow", "Cardiff",
    "Manchester", "Liverpool", "Leeds", "Oxford", "Cambridge", "Bristol", "York",
    "Aberdeen", "Adelaide", "Aleppo", "Algiers", "Alicante", "Almaty", "Anchorage", "Antalya",
    "Aarhus", "Asuncion", "Baku", "Bali", "Bamako", "Bari", "Bath", "Beirut", "Bergen",
    "Birmingham", "Bologna", "Bonn", "Bratislava", "Bremerhaven", "Brighton", "Brasilia",
    "Bruges", "Buffalo", "Canberra", "Cancun", "Catania", "Charlotte", "Chengdu", "Christchurch",
    "Cincinnati", "Cleveland", "Columbus", "Cordoba", "Cusco", "Dakar", "Damascus", "Darwin",
    "Dhaka", "Dortmund", "Durban", "Dusseldorf", "Essen", "Exeter", "Fukuoka", "Galway", "Genoa",
    "Georgetown", "Graz", "Guangzhou", "Guadalajara", "Halifax", "Hanover", "Harare", "Havana",
    "Heidelberg", "Hiroshima", "Honolulu", "Hyderabad", "Indianapolis", "Innsbruck", "Islamabad",
    "Jaipur", "Kampala", "Katowice", "Khartoum", "Kingston", "Kobe", "Kuwait", "Lausanne",
    "Leicester", "Leuven", "Limerick", "Linz", "Ljubljana", "Luxembourg", "Lucerne", "Luanda",
    "Lusaka", "Lviv", "Macau", "Madison", "Malaga", "Malmo", "Malta", "Mannheim", "Maputo",
    "Marrakesh", "Mecca", "Medellin", "Memphis", "Milwaukee", "Minneapolis", "Monaco",
    "Monterrey", "Montevideo", "Nagoya", "Nanjing", "Nantes", "Nashville", "Newcastle",
    "Nottingham", "Nuremberg", "Oakland", "Odessa", "Omaha", "Orlando", "Padua", "Panama",
    "Perugia", "Pisa", "Pittsburgh", "Plymouth", "Poznan", "Pretoria", "Quebec", "Raleigh",
    "Recife", "Reno", "Richmond", "Riga", "Riyadh", "Rostock", "Sacramento", "Salvador",
    "Sapporo", "Sarajevo", "Savannah", "Sheffield", "Shenzhen", "Siena", "Skopje", "Southampton",
    "Split", "Strasbourg", "Taipei", "Tampa", "Tashkent", "Tbilisi", "Tijuana", "Toledo",
    "Trieste", "Tucson", "Tulsa", "Uppsala", "Verona", "Vilnius", "Wuhan", "Winnipeg", "Wroclaw",
    "Yerevan", "Yokohama", "Zaragoza", "Ho Chi Minh City", "Kuala Lumpur", "San Antonio",
    "San Juan", "St. Louis", "Long Island", "Santa Barbara", "Santa Monica", "Santa Cruz",
    "Fort Worth", "Colorado Springs", "Palm Springs", "Key West", "Cape Cod", "Port Louis",
    "Panama City", "Guatemala City", "Quebec City", "Addis Ababa", "Palo Alto", "Mountain View",
    "Little Rock", "Grand Rapids", "Novi Sad", "Phnom Penh", "Gold Coast",
)  # fmt: skip

PEOPLE = (
    "Alex", "Anna", "Ben", "Carla", "Chris", "Clara", "Dan", "David", "Emma", "Eva", "Felix",
    "Frank", "Grace", "Hanna", "Ivan", "Jack", "Jane", "John", "Julia", "Kim", "Laura", "Leo",
    "Lisa", "Lucy", "Maria", "Mark", "Max", "Mia", "Nina", "Noah", "Olga", "Oscar", "Paul",
    "Peter", "Rosa", "Sam", "Sara", "Sofia", "Tom", "Victor", "Yuki", "Zoe", "Bob", "Alice",
)  # fmt: skip

NOUNS = (
    "car", "engine", "bridge", "quantum physics", "the moon landing", "photosynthesis", "tax",
    "lawyer", "guitar", "piano", "pizza", "recipe", "pasta", "soup", "football", "tennis",
    "chess", "history", "Napoleon", "Einstein", "Shakespeare", "Beethoven", "Python", "Java",
    "JavaScript", "a database", "SQL", "the internet", "a browser", "an algorithm", "recursion",
    "a neural network", "machine learning", "a transformer", "attention", "gravity", "light",
    "an atom", "DNA", "a cell", "the heart", "the brain", "blood pressure", "a vaccine", "virus",
    "medicine", "a dentist", "a president", "a king", "a queen", "democracy", "the law", "money",
    "a bank", "inflation", "the stock market", "bitcoin", "a mortgage", "insurance", "a contract",
    "a desert", "a volcano", "an earthquake", "the climate", "a river", "a mountain", "an island",
    "a forest", "a whale", "a dinosaur", "a dragon", "a castle", "a wizard", "a unicorn",
    "a rocket", "a satellite", "Mars", "Jupiter", "the universe", "a black hole", "time travel",
    "philosophy", "Plato", "ethics", "religion", "a poem by Goethe", "a novel", "a movie",
    "Star Wars", "Shrek", "Batman", "Harry Potter", "Hamlet", "Frozen", "Titanic", "the Beatles",
    "jazz", "opera", "ballet", "painting", "Picasso", "a camera", "a phone", "a laptop",
    "a keyboard", "electricity", "a battery", "solar power", "oil", "steel", "glass", "wood",
    "a chair", "a table", "a hammer", "a garden", "a rose", "wine", "beer", "tea", "sugar",
    "salt", "cheese", "a sandwich", "breakfast", "a diet", "yoga", "a marathon", "the Olympics",
    "a bicycle", "a train", "an airport", "a hotel", "a passport", "a visa", "a map", "Kubernetes",
    "Docker", "Linux", "Windows", "git", "a compiler", "a pointer", "a linked list", "regex",
    "a hash table", "the ideal gas law", "a prime number", "pi", "an integral", "a matrix",
    "calculus", "statistics", "a triangle", "the Pythagorean theorem", "a square root",
)  # fmt: skip
VERBS = (
    "build", "fix", "cook", "paint", "sell", "learn", "clean", "repair", "design", "explain",
    "describe", "summarize", "translate", "compare", "install", "debug", "train", "measure",
    "draw", "play", "invent", "analyze", "improve", "write about", "discuss", "review", "rewrite",
)  # fmt: skip
ADJECTIVES = (
    "green", "famous", "strange", "new", "ancient", "cheap", "tiny", "huge", "modern", "broken",
    "important", "beautiful", "simple", "complex", "dangerous", "quiet", "golden", "lost",
    "best", "largest", "oldest", "fastest", "smallest", "tallest", "most popular",
)  # fmt: skip


def invented(rng: Random, syllables: int | None = None) -> str:
    """A made-up lower-case word of 1 to 4 syllables."""
    count = syllables or rng.choice((1, 2, 2, 2, 3, 3, 4))
    return "".join(
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(count)
    )


def invented_name(rng: Random) -> str:
    """A made-up proper name, at times with a place ending."""
    base = invented(rng, rng.choice((1, 2, 2, 3)))
    return (base + rng.choice(_ENDINGS) if rng.random() < 0.4 else base).capitalize()


def place(rng: Random) -> str:
    """A city, real or made up, of one to three words."""
    if rng.random() < 0.7:
        name = rng.choice(CITIES)
    else:
        name = invented_name(rng)
        if rng.random() < 0.3:
            lead = ("New", "San", "Saint", "Port", "North", "Los", "Old", "Fort", "El", "Lake")
            name = f"{rng.choice(lead)} {name}"
        elif rng.random() < 0.15:
            name = f"{name} {rng.choice(('City', 'Falls', 'Beach', 'Springs', 'Park', 'Bay'))}"
    if rng.random() < 0.08:
        name = f"{name}, {rng.choice(('CA', 'NY', 'TX', 'France', 'UK', 'Japan', 'Germany'))}"
    return name


def noun(rng: Random) -> str:
    """A thing to ask about, mostly from the table, else made up."""
    if rng.random() < 0.75:
        return rng.choice(NOUNS)
    return invented(rng) if rng.random() < 0.5 else invented_name(rng)


def sentence(rng: Random) -> str:
    """A plain sentence of no meaning, for pasted text."""
    words = [rng.choice((noun, invented))(rng) for _ in range(rng.randint(3, 10))]
    glue = rng.choice((" and ", " is ", " ", " of the ", " has ", " with "))
    text = glue.join((" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])))
    return text[:1].upper() + text[1:] + rng.choice((".", ".", ".", "!", "?", ","))
