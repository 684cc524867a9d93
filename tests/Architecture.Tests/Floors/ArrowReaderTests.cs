namespace MicroSpark.Tests.Floors;

/// <summary>The reader finds what is planted: one that read nothing would find every floor in order.</summary>
public sealed class ArrowReaderTests
{
    private const string Low = "src/Core/Low/Low.cs";
    private const string High = "src/Core/High/High.cs";

    [Fact]
    public void A_name_is_an_arrow_to_the_file_that_declares_it() =>
        AssertArrows("class Low { High? _up; }", "class High { }", $"{Low} -> {High} (High)");

    [Fact]
    public void A_name_counts_where_the_namespace_is_in_full_and_where_it_is_imported()
    {
        AssertArrows("class Low { Up.High? _up; }", "namespace Up { class High { } }", $"{Low} -> {High} (High)");
        AssertArrows("using Up; class Low { High? _up; }", "namespace Up { class High { } }", $"{Low} -> {High} (High)");
        AssertArrows("using Up; class Low { }", "namespace Up { class High { } }");
    }

    [Fact]
    public void An_extension_method_leads_to_its_own_file()
    {
        const string low = "class Low { int Up() => 1.Next(); }";

        AssertArrows(low, "static class High { internal static int Next(this int i) => i; }", $"{Low} -> {High} (High.Next)");
        AssertArrows(low, "static class High { extension(int i) { internal int Next() => i; } }", $"{Low} -> {High} (.Next)");
    }

    [Theory]
    [InlineData("class Low(Middle m) { Middle Up() => m with { Part = new() }; }", "class High { }")]
    [InlineData("class Low { string Up(Middle m) => nameof(m.Part.Up); }", "class High { internal int Up; }")]
    [InlineData("class Low { void Up(Middle m) { var part = m.Part; } }", "class High { }")]
    [InlineData("class Low { int Up(Middle m) => m.Part[0]; }", "class High { internal int this[int i] => i; }")]
    [InlineData("class Low { int Up(Middle m) => +m.Part; }", "class High { public static int operator +(High a) => 0; }")]
    [InlineData("class Low { int Up(Middle m) => m.Part; }", "class High { public static implicit operator int(High a) => 0; }")]
    internal void What_has_no_name_of_its_own_counts_too(string low, string high)
    {
        var middle = new SourceFile("src/Core/Middle.cs", "record Middle(High Part);");

        var arrows = Read(new SourceFile(Low, low), middle, new SourceFile(High, high)).Select(arrow => arrow.Ends);

        Assert.Contains($"{Low} -> {High}", arrows);
    }

    [Fact]
    public void A_base_constructor_leads_to_where_it_is() =>
        AssertArrows("class Low : High { Low() : base(1) { } }", "class High(int i) { internal int I => i; }", $"{Low} -> {High} (High)");

    [Fact]
    public void A_comment_is_no_arrow() => AssertArrows("/// <summary><see cref=\"High\"/></summary>\nclass Low { }", "class High { }");

    [Fact]
    public void The_element_of_a_tuple_belongs_to_nobody() =>
        AssertArrows(
            "class Low { int Up() => High.Pair.Left; }",
            "static class High { internal static (int Left, int Right) Pair; }",
            $"{Low} -> {High} (High, High.Pair)");

    [Fact]
    public void The_files_of_a_partial_type_are_one() =>
        Assert.Equal(
            [$"{Low} -> {High} (High, High.Up)"],
            Read(
                new SourceFile(High, "partial class High { int Part => Down; }"),
                new SourceFile("src/Core/High/High.Part.cs", "partial class High { internal static int Up => 1; int Down => 2; }"),
                new SourceFile(Low, "class Low { int Up() => High.Up; }")).Select(arrow => arrow.ToString()));

    [Fact]
    public void A_member_of_a_spread_type_is_where_it_stands_and_the_type_in_the_file_of_its_name() =>
        Assert.Equal(
            [
                $"{Low} -> src/Core/Operators/Map.cs (Rdd.Map)",
                $"{Low} -> src/Core/Rdd.cs (Rdd)",
                "src/Core/Operators/Map.cs -> src/Core/Rdd.cs (Rdd, Rdd.Node)",
            ],
            Read(
                new SourceFile("src/Core/Rdd.cs", "namespace MicroSpark; partial class Rdd<T> { internal int Node; }"),
                new SourceFile(
                    "src/Core/Operators/Map.cs", "namespace MicroSpark; partial class Rdd<T> { internal Rdd<int> Map() => new() { Node = Node }; }"),
                new SourceFile(Low, "class Low { object Up(MicroSpark.Rdd<int> rdd) => rdd.Map(); }")).Select(arrow => arrow.ToString()));

    [Fact]
    public void A_project_sees_the_inside_of_those_below_it() =>
        Assert.Equal(
            ["src/Grains/Cluster/A.cs -> src/Core/Low/Low.cs (Low)"],
            Read(
                new SourceFile("src/Grains/Cluster/A.cs", "namespace MicroSpark.Placement; class A : Low { }"),
                new SourceFile(
                    Low, "namespace MicroSpark; class Low { object _place = Placement.Of; } class Placement { internal static int Of; }"))
                .Select(arrow => arrow.ToString()));

    [Fact]
    public void A_name_that_nobody_declares_is_an_error() =>
        Assert.Matches("CS0246", Assert.Single(SourceReading.Of([new SourceFile(Low, "class Low : Nobody { }")]).Errors));

    private static void AssertArrows(string low, string high, params string[] expected) =>
        Assert.Equal(expected, Read(new SourceFile(Low, low), new SourceFile(High, high)).Select(arrow => arrow.ToString()));

    private static IReadOnlyList<Arrow> Read(params SourceFile[] files)
    {
        var reading = SourceReading.Of(files);
        Assert.Empty(reading.Errors);
        return reading.Arrows;
    }
}
