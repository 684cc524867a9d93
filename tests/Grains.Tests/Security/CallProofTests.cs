using MicroSpark.Grains.Security;
using Orleans.Runtime;

namespace MicroSpark.Tests.Security;

/// <summary>A proof opens one method of one grain, once, and soon.</summary>
public sealed class CallProofTests
{
    private static readonly GrainId Grain = GrainId.Create("job", "one");
    private static readonly System.Reflection.MethodInfo Submit = typeof(IMarked).GetMethod(nameof(IMarked.SubmitAsync))!;
    private static readonly System.Reflection.MethodInfo Status = typeof(IMarked).GetMethod(nameof(IMarked.StatusAsync))!;

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
        var proof = Proofs("s").Make(Grain, Submit);

        Assert.Null(silo.Check(Grain, Submit, proof));
        Assert.Contains("seen before", silo.Check(Grain, Submit, proof), StringComparison.Ordinal);
    }

    [Fact]
    public void A_proof_of_another_secret_grain_or_method_does_not_hold()
    {
        var silo = Proofs("s");
        var proof = Proofs("s").Make(Grain, Submit);

        Assert.NotNull(silo.Check(GrainId.Create("job", "two"), Submit, proof));
        Assert.NotNull(silo.Check(Grain, Status, proof));
        Assert.NotNull(silo.Check(Grain, Submit, Proofs("t").Make(Grain, Submit)));
        Assert.NotNull(silo.Check(Grain, Submit, null));
        Assert.NotNull(silo.Check(Grain, Submit, proof[..^1]));
    }

    [Fact]
    public void A_proof_grows_stale()
    {
        var silo = Proofs("s");
        var proof = Proofs("s").Make(Grain, Submit);
        _time.Now += ReplayGuard.Window + TimeSpan.FromSeconds(1);

        Assert.Contains("clock", silo.Check(Grain, Submit, proof), StringComparison.Ordinal);
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

    private CallProof Proofs(string secret) => new(ClusterSecret.Of(secret), new ReplayGuard(_time), _time);
}
