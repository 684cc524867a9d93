using System.Text.Json;
using System.Text.Json.Nodes;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Codecs;

/// <summary>JSON comes back as the text it was.</summary>
public class JsonTests
{
    private const string Text = """{"a":[1,2.50,null,true,"\u00e9"],"b":{"c":{}},"a":1}""";

    [Fact]
    public void Elements_and_documents()
    {
        using var document = JsonDocument.Parse(Text);
        Assert.Equal(Text, RoundTrip.Of(document).RootElement.GetRawText());
        Assert.Equal(Text, RoundTrip.Of(document.RootElement).GetRawText());
        Assert.Equal("2.50", RoundTrip.Of(document.RootElement.GetProperty("b").GetProperty("c").ValueKind is JsonValueKind.Object ? JsonSerializer.Deserialize<JsonElement>("2.50") : default).GetRawText());
        Assert.Equal(JsonValueKind.Undefined, RoundTrip.Of(default(JsonElement)).ValueKind);
        Assert.Equal(JsonValueKind.Null, RoundTrip.Of(JsonSerializer.Deserialize<JsonElement>("null")).ValueKind);
        var hidden = RoundTrip.Of<(object Any, JsonElement? Maybe, JsonDocument? None)>((document.RootElement, document.RootElement, null));
        Assert.Equal(Text, Assert.IsType<JsonElement>(hidden.Any).GetRawText());
        Assert.Equal(Text, hidden.Maybe!.Value.GetRawText());
        Assert.Null(hidden.None);
        var commented = JsonDocument.Parse("[1, /* one */ 2,]", new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        Assert.Equal(2, RoundTrip.Of(commented).RootElement.GetArrayLength());
    }

    [Fact]
    public void Nodes_of_every_declared_type()
    {
        var node = JsonNode.Parse("""{"a":[1,{"b":"x"}],"c":null}""", new JsonNodeOptions { PropertyNameCaseInsensitive = true })!;
        Assert.Equal(node.ToJsonString(), RoundTrip.Of(node).ToJsonString());
        Assert.NotNull(RoundTrip.Of(node)["A"]);
        Assert.Equal(node.ToJsonString(), RoundTrip.Of(node.AsObject()).ToJsonString());
        Assert.Equal(node["a"]!.ToJsonString(), RoundTrip.Of(node["a"]!.AsArray()).ToJsonString());
        Assert.Equal("x", RoundTrip.Of(node["a"]![1]!["b"]!.AsValue()).GetValue<string>());
        Assert.Equal(7, RoundTrip.Of<JsonNode>(7).GetValue<int>());
        Assert.Equal(1.5m, RoundTrip.Of(JsonValue.Create(1.5m)).GetValue<decimal>());
        var many = RoundTrip.Many<object?>(node, node["a"], JsonValue.Create("z"), null);
        Assert.IsType<JsonObject>(many[0]);
        Assert.IsType<JsonArray>(many[1]);
        Assert.Equal("z", Assert.IsAssignableFrom<JsonValue>(many[2]).GetValue<string>());
    }

    [Fact]
    public void What_has_no_text_any_more_is_refused()
    {
        var document = JsonDocument.Parse("[1]");
        var element = document.RootElement;
        document.Dispose();
        Assert.Contains("disposed", Assert.Throws<NotEncodableException>(() => ValueCodec.Encode(document, CodeSpace.Process)).Message, StringComparison.Ordinal);
        Assert.Contains("disposed", Assert.Throws<NotEncodableException>(() => ValueCodec.Encode(element, CodeSpace.Process)).Message, StringComparison.Ordinal);
        Assert.Contains("no JSON text", Assert.Throws<NotEncodableException>(() => ValueCodec.Encode<JsonNode>(JsonValue.Create(double.NaN), CodeSpace.Process)).Message, StringComparison.Ordinal);
    }
}
