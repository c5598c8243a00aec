"""Names and streets of people who do not exist."""

FIRST_NAMES = tuple(
    """
    Abel Ada Alma Amos Anita Arlo Beth Bruno Calla Cecil Clara Cyrus Dalia Darius Delia Edgar Elena
    Elsa Emil Enid Esther Ezra Fern Flora Floyd Gideon Gilda Grant Greta Hazel Hector Hilda Homer
    Ida Ines Irving Isla Jasper Jonah Juno Kendra Lena Leon Lionel Lois Lucia Lyle Mabel Marcus
    Mavis Milo Mona Nadia Nestor Nina Nora Odell Olga Omar Opal Oscar Otto Pearl Percy Petra
    Quincy Ramona Reuben Rhoda Rosa Rufus Selma Silas Sonia Stella Tessa Theo Thora Ursula Vera
    Victor Viola Wanda Wendell Willa Winston Xenia Yolanda Zelda Zora
    """.split()
)
LAST_NAMES = tuple(
    """
    Abernell Alderquist Amberly Ashgrove Barrowin Beckmoor Bellhaven Birchall Blackwen Bramholt
    Brightwell Brookvale Calderan Carrowby Castelmon Chesterlin Clearwen Coldbrooke Copperlin
    Cranmere Dalebrook Darrowick Deepwell Dunmarrow Eastvale Elderwin Emberson Fairmoor Farrowell
    Fenbrook Foxworthy Garlandry Glenmarsh Goldmere Greyford Halverdine Harrowgate Hartmoor
    Hazelwyn Highmore Hollowell Inglewin Ironvale Juniperson Kestrelby Kingsmarsh Lakewright
    Larkholm Lindenmoor Longacre Lowmarsh Maplewood Marrowby Meadowell Merrowin Millhaven
    Moorcroft Northwen Oakhollow Oldbrook Orchardson Pinehurst Quillmoor Ravenholt Redfern
    Ridgeworth Rivenhall Rosewyn Sandmere Silverby Stonewell Summerlin Tallowby Thornvale
    Underhill Valewright Wescombe Westmarsh Whitlowe Wildermere Willowby Winterson Woodhallow
    Yarrowell
    """.split()
)
STREETS = tuple(
    """
    Acorn Alder Beacon Birch Bluebell Bridge Canal Cedar Chapel Cherry Clover Depot Elm Ferry
    Garden Grove Harbor Hickory Hill Juniper Lake Laurel Linden Maple Market Meadow Mill Orchard
    Park Pine Poplar Prospect Quarry River School Spring Sunset Sycamore Valley Walnut Water Willow
    """.split()
)
STREET_KINDS = ("Street", "Avenue", "Lane", "Road", "Drive", "Court")
