using System.Globalization;
using System.IO.Compression;
using System.Text;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.Formats;

/// <summary>JSON documents that span lines, and what stands inside them.</summary>
public sealed class JsonDocumentTests : IDisposable
{
    private const string Towns = """
        {
          "type": "FeatureCollection",
          "crs": { "type": "name", "features": [1, { "features": [] }], "properties": { "name": "}]" } },
          "features": [
            { "type": "Feature", "geometry": { "type": "Point", "coordinates": [13.4, 52.5] }, "properties": { "name": "Berlin" } },
            { "type": "Feature", "geometry": { "type": "Point", "coordinates": [139.7, 35.7] }, "properties": { "name": "東京" } }
          ],
          "bbox": [ 13.4, 35.7, 139.7, 52.5 ]
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, bool, bool> Shapes => OperatorGrid.Shapes();

    public sealed record Feature(string Type, Geometry Geometry, Dictionary<string, string> Properties);

    public sealed record Geometry(string Type, double[] Coordinates);

    public sealed record Collection(string Type, Feature[] Features, double[] Bbox);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Shapes))]
    public Task GeoJSON_is_read_as_a_whole_or_by_its_features(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var path = _folder.Write("towns.geojson", Towns);
            var whole = await Source.JsonFile<Collection>(bench.Runner, path, new() { MultiLine = true }).CollectAsync();
            Assert.Equal(["Berlin", "東京"], Assert.Single(whole).Features.Select(f => f.Properties["name"]));
            var features = Source.JsonFile<Feature>(bench.Runner, path, new() { Path = "$.features" });
            Assert.Equal("13.4 139.7", string.Join(' ', await features.Map(f => f.Geometry.Coordinates[0].ToString(CultureInfo.InvariantCulture)).CollectAsync()));
            Assert.Equal(["}]"], await Source.JsonFile<string>(bench.Runner, path, new() { Path = "$.crs['properties'].name" }).CollectAsync());
            Assert.Equal(13.4 + 35.7 + 139.7 + 52.5, await Source.JsonFile<double>(bench.Runner, path, new() { Path = "$[\"bbox\"]" }).SumAsync());
        });

    /// <summary>The reader's buffer ends anywhere in a token, and what is passed over is larger than it.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Large_documents_are_read_item_by_item(int shift)
    {
        using var runner = new LocalRunner(1, true, false);
        var text = new StringBuilder(new string(' ', shift)).Append("{\"before\":[");
        text.AppendJoin(",\n", Enumerable.Range(0, 60_000).Select(i => $"{{\"items\":[{i},true,null,\"\\\"]\"]}}"));
        text.Append("],\"items\":\n[").AppendJoin(" ,\n ", Enumerable.Range(0, 100_000)).Append("],\"behind\":{\"items\":[1]}}\n");
        var path = _folder.Write("large.json", text.ToString() + text);
        var read = await Source.JsonFile<int>(runner, path, new() { Path = "$.items" }).CollectAsync();
        Assert.Equal(Enumerable.Range(0, 100_000).Concat(Enumerable.Range(0, 100_000)), read);
    }

    [Theory]
    [InlineData("", new int[0])]
    [InlineData(" \n ", new int[0])]
    [InlineData("1\n2\r\n 3 4", new[] { 1, 2, 3, 4 })]
    [InlineData("[1,\n2]\n[]\n[3]", new[] { 1, 2, 3 })]
    [InlineData("\uFEFF[\n1,\n2\n]\n3", new[] { 1, 2, 3 })]
    public async Task A_file_may_have_several_documents(string text, int[] expected)
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("many.json", text);
        Assert.Equal(expected, await Source.JsonFile<int>(runner, path, new() { MultiLine = true }).CollectAsync());
        using (var gzip = new GZipStream(File.Create(_folder.At("many.json.gz")), CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        Assert.Equal(expected, await Source.JsonFile<int>(runner, _folder.At("many.json.gz"), new() { MultiLine = true }).CollectAsync());
    }

    [Theory]
    [InlineData("{\"a\":{\"b\":[1,2]}}", null)]
    [InlineData("{\"x\":{\"b\":[7]},\"a\":{\"c\":{\"b\":8},\"b\":[1,2],\"b\":[9]}}", null)]
    [InlineData("{\"\\u0061\":{\"b\":[1,2]}}", null)]
    [InlineData("{\"a\":{\"b\":1}}{\"a\":{\"b\":2}}", null)]
    [InlineData("{\"a\":{\"c\":[1]}}", "expected 'b' in the object that ends here, as Path says")]
    [InlineData("{\"a\":[1]}", "expected an object with 'b', as Path says")]
    [InlineData("[1]", "expected an object with 'a', as Path says")]
    [InlineData("{\"a\":{\"b\":[1,2]}", "the file was cut off")]
    [InlineData("{\"a\":{\"b\":[1,", "the file was cut off")]
    [InlineData("{\"a\":{\"b\":[1,2]}}}", "'}' is an invalid")]
    [InlineData("{\"a\":{\"b\":[1,]}}", "expected JSON: The JSON array contains a trailing comma")]
    public async Task A_path_leads_to_the_elements_or_the_file_is_named(string text, string? expected)
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("nested.json", text);
        var job = Source.JsonFile<int>(runner, path, new() { Path = "$.a.b" }).CollectAsync();
        if (expected is null)
        {
            Assert.Equal("1 2", string.Join(' ', await job));
            return;
        }

        var error = await Assert.ThrowsAsync<TaskFailedException>(() => job);
        Assert.Equal(typeof(InvalidDataException).FullName, error.Failure.TypeName);
        Assert.Contains("nested.json', byte", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Contains(expected, StringComparison.Ordinal), error.Message);
    }

    [Fact]
    public async Task An_item_that_does_not_fit_is_a_bad_row()
    {
        using var runner = new LocalRunner(1, true, false);
        var deep = new string('[', 100_000) + new string(']', 100_000);
        var path = _folder.Write("bad.json", $"{{\"a\":[1,\n\"x\",\n{deep},4]}}");
        var options = new JsonFileOptions { Path = "$.a", BadRows = BadRows.Skip };
        Assert.Equal(5, await Source.JsonFile<int>(runner, path, options).SumAsync());
        var bad = await Source.JsonBadRows<int>(runner, path, options).CollectAsync();
        Assert.Equal([9L, 14L], bad.Select(row => row.Offset));
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => Source.JsonFile<int>(runner, path, new() { Path = "$.a" }).CountAsync());
        Assert.Contains("bad.json', line 2 (byte 9)", error.Message, StringComparison.Ordinal);
        foreach (var wrong in new[] { "", "features", "$features", "$.", "$.a[0]", "$..a", "$.*", "$['a", "$['a'", "$.a[?(@.b)]" })
        {
            Assert.Throws<ArgumentException>(() => Source.JsonFile<int>(runner, path, new() { Path = wrong }));
        }
    }

    [Fact]
    public async Task An_array_may_be_demanded_at_the_path()
    {
        using var runner = new LocalRunner(1, true, false);
        var path = _folder.Write("one.json", "{\"a\":5}");
        var error = await Assert.ThrowsAsync<TaskFailedException>(
            () => Source.JsonFile<int>(runner, path, new() { Path = "$.a", IsArray = true }).CountAsync());
        Assert.Contains("expected an array, since IsArray is set", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, await Source.JsonFile<int>(runner, path, new() { Path = "$.a" }).SumAsync());
    }
}
