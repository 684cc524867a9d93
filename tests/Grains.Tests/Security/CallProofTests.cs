using System.Reflection;
using MicroSpark.Grains.Security;
using MicroSpark.Model;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace MicroSpark.Tests.Security;

/// <summary>A proof opens one method of one grain, once, and soon.</summary>
public sealed class CallProofTests
{
    private static readonly GrainId Grain = GrainId.Create("job", "one");
    private static readonly MethodInfo Submit = typeof(IMarked).GetMethod(nameof(IMarked.SubmitAsync))!;
    private static readonly MethodInfo Status = typeof(IMarked).GetMethod(nameof(IMarked.StatusAsync))!;

    private static readonly Serializer s_serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    private readonly ManualTime _time = new();

    private interface IMarked
    {
        [RequiresProof]
        Task SubmitAsync();

        Task StatusAsync();
    }

    [Fact]
    public void Only_marked_methods_ask_for_a_proof()
    {
        Assert.True(CallProof.IsRequired(Submit));
        Assert.False(CallProof.IsRequired(Status));
    }

    [Fact]
    public void A_proof_holds_once()
    {
        var silo = Proofs("s");
        var proof = Proofs("s").Make(Grain, Submit, Call());

        Assert.Null(silo.Check(Grain, Submit, Call(), proof));
        Assert.Contains("seen before", silo.Check(Grain, Submit, Call(), proof), StringComparison.Ordinal);
    }

    [Fact]
    public void A_proof_of_another_secret_grain_or_method_does_not_hold()
    {
        var silo = Proofs("s");
        var proof = Proofs("s").Make(Grain, Submit, Call());

        Assert.NotNull(silo.Check(GrainId.Create("job", "two"), Submit, Call(), proof));
        Assert.NotNull(silo.Check(Grain, Status, Call(), proof));
        Assert.NotNull(silo.Check(Grain, Submit, Call(), Proofs("t").Make(Grain, Submit, Call())));
        Assert.NotNull(silo.Check(Grain, Submit, Call(), null));
        Assert.NotNull(silo.Check(Grain, Submit, Call(), proof[..^1]));
    }

    [Fact]
    public void A_proof_grows_stale()
    {
        var silo = Proofs("s");
        var proof = Proofs("s").Make(Grain, Submit, Call());
        _time.Now += ReplayGuard.Window + TimeSpan.FromSeconds(1);

        Assert.Contains("clock", silo.Check(Grain, Submit, Call(), proof), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_still_timely_is_still_remembered()
    {
        // Made by a clock that is a whole window ahead: timely for two windows, and never twice.
        var guard = new ReplayGuard(_time);
        var ahead = (_time.Now + ReplayGuard.Window).ToUnixTimeMilliseconds();
        Assert.Null(guard.Admit(ahead, new byte[16]));
        for (var i = 0; i < 8; i++)
        {
            _time.Now += ReplayGuard.Window / 4;
            Assert.Equal("it was seen before", guard.Admit(ahead, new byte[16]));
        }
    }

    [Fact]
    public void Where_nothing_seals_the_connection_the_arguments_are_proved()
    {
        var silo = Proofs("s", covers: true);
        var caller = Proofs("s", covers: true);

        Assert.Null(silo.Check(Grain, Submit, Call("a", 1), caller.Make(Grain, Submit, Call("a", 1))));
        Assert.Contains("arguments", silo.Check(Grain, Submit, Call("a", 2), caller.Make(Grain, Submit, Call("a", 1))), StringComparison.Ordinal);
        Assert.NotNull(silo.Check(Grain, Submit, Call("a"), caller.Make(Grain, Submit, Call("a", 1))));
        Assert.NotNull(silo.Check(Grain, Submit, Call("a1"), caller.Make(Grain, Submit, Call("a", 1))));
        Assert.Contains("cover", silo.Check(Grain, Submit, Call("a", 1), Proofs("s").Make(Grain, Submit, Call("a", 1))), StringComparison.Ordinal);
    }

    /// <summary>A caller may hold a list where the callee is given an array, and two references where it is given one.</summary>
    [Fact]
    public void Arguments_are_alike_before_and_after_they_travelled()
    {
        var worker = new WorkerId("w");
        object[] held =
        [
            new List<int> { 1, 2 }, new Dictionary<string, int> { ["b"] = 1, ["a"] = 2 }, new HashSet<string> { "x", "y" }, (worker, worker),
            new LineageId[] { BlobName.Of([1]).Hash }, new EventQueryLike(worker, [1, 2]),
        ];
        var seen = s_serializer.Deserialize<object[]>(s_serializer.SerializeToArray(held));
        var proof = Proofs("s", covers: true).Make(Grain, Submit, Call(held));

        Assert.Null(Proofs("s", covers: true).Check(Grain, Submit, Call(seen!), proof));
    }

    private CallProof Proofs(string secret, bool covers = false) =>
        new(TestSecrets.Of(secret), new ReplayGuard(_time), _time, new CallArguments(s_serializer), () => covers);

    private static FakeCall Call(params object[] arguments) => new(arguments);

    [GenerateSerializer, Immutable]
    internal sealed record EventQueryLike([property: Id(0)] WorkerId Worker, [property: Id(1)] IReadOnlyList<int> Numbers);

    private sealed class FakeCall(object[] arguments) : IInvokable
    {
        public object? GetTarget() => null;

        public void SetTarget(ITargetHolder holder)
        {
        }

        public ValueTask<Response> Invoke() => default;

        public int GetArgumentCount() => arguments.Length;

        public object? GetArgument(int index) => arguments[index];

        public void SetArgument(int index, object value) => arguments[index] = value;

        public string GetMethodName() => "";

        public string GetInterfaceName() => "";

        public string GetActivityName() => "";

        public MethodInfo GetMethod() => throw new NotSupportedException();

        public Type GetInterfaceType() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
