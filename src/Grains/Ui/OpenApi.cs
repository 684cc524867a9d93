using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using MicroSpark.Grains.Figures;

namespace MicroSpark.Grains.Ui;

/// <summary>The OpenAPI document of <c>/api/v1</c>, made of the shapes themselves.</summary>
internal static class OpenApi
{
    private static readonly (string Path, string Method, string Summary, Type? Shape)[] s_calls =
    [
        ("/api/v1/session", "get", "Who looks.", typeof(SessionShape)),
        ("/api/v1/cluster", "get", "Workers, the last minutes, and the newest jobs.", typeof(ClusterShape)),
        ("/api/v1/events", "get", "The same as Server-Sent Events: at first all, then what has changed, which has a list \"gone\".", null),
        ("/api/v1/jobs", "get", "All jobs that are remembered, running ones first, then the newest.", typeof(JobShape[])),
        ("/api/v1/jobs/{job}", "get", "One job: stages, distributions, failures, notes, advice.", typeof(JobDetail)),
        ("/api/v1/jobs/{job}/stream", "get", "Its tasks as tiles; query: from, to (milliseconds), pixels.", typeof(StreamShape)),
        ("/api/v1/jobs/{job}/cancel", "post", "Cancels it; needs the header microspark-page.", null),
        ("/api/v1/workers", "get", "The workers.", typeof(WorkerShape[])),
        ("/api/v1/workers/{worker}/lines", "get", "What tasks said at one worker of late, the oldest first.", typeof(LineShape[])),
        ("/api/v1/datasets", "get", "What is persisted.", typeof(DatasetShape[])),
        ("/api/v1/datasets/{lineage}/unpersist", "post", "Drops it; needs the header microspark-page.", null),
        ("/api/v1/advice", "get", "What the newest jobs say about their programs.", typeof(AdviceShape[])),
    ];

    public static byte[] Document { get; } = Make();

    private static byte[] Make()
    {
        var paths = new JsonObject();
        foreach (var (path, method, summary, shape) in s_calls)
        {
            var answer = new JsonObject { ["description"] = shape is null && method == "post" ? "Done." : summary };
            if (shape is not null)
            {
                answer["content"] = new JsonObject
                { ["application/json"] = new JsonObject { ["schema"] = UiJson.Options.GetJsonSchemaAsNode(shape) } };
            }

            paths[path] = new JsonObject
            {
                [method] = new JsonObject
                {
                    ["summary"] = summary,
                    ["parameters"] = ParametersOf(path, method),
                    ["responses"] = new JsonObject { [method == "post" ? "204" : "200"] = answer },
                },
            };
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "MicroSpark", ["version"] = "1" },
            ["paths"] = paths,
        };
        return UiJson.Of(document);
    }

    /// <summary>What stands in the path, in the query and in a header: a document that leaves them out describes no call.</summary>
    private static JsonArray ParametersOf(string path, string method)
    {
        var parameters = new JsonArray();
        foreach (var part in path.Split('/').Where(static part => part.StartsWith('{')))
        {
            parameters.Add(Parameter(part[1..^1], "path", required: true, "string"));
        }

        if (path.EndsWith("/stream", StringComparison.Ordinal))
        {
            foreach (var name in UiRoutes.StreamQuery)
            {
                parameters.Add(Parameter(name, "query", required: false, "number"));
            }
        }

        if (method == "post")
        {
            parameters.Add(Parameter(UiRoutes.Header, "header", required: true, "string"));
        }

        return parameters;
    }

    private static JsonObject Parameter(string name, string place, bool required, string type) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["required"] = required,
        ["schema"] = new JsonObject { ["type"] = type },
    };
}

/// <summary>Who looks.</summary>
/// <param name="Control">Whether the viewer may cancel jobs and unpersist: those that have <c>own</c>.</param>
/// <param name="Name">Who made the link, or whom an application has let in.</param>
/// <param name="Role"><c>read</c>: no values; <c>submit</c>: those of the own jobs; <c>admin</c>: all.</param>
internal sealed record SessionShape(bool Control, string Name, string Role)
{
    public static SessionShape Of(Viewer viewer) => new(viewer.MayChange, viewer.Name, viewer.Role);
}
