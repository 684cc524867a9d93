using System.Buffers.Binary;
using System.Reflection;
using MicroSpark.Closures;
using MicroSpark.Code;

namespace MicroSpark.Tests.Closures;

/// <summary>Code that the rules come to and cannot read, or that has no end, is no reason to refuse a lambda that runs.</summary>
public sealed class OwnPathTests
{
    private const string Program = """
        using System;
        using System.Collections.Generic;
        public static class Program
        {
            public static Func<int, int> Missing() => x => x < 0 ? Deep(x) : x;
            public static Func<int, int> Marked() => x => x < 0 ? DeepMarked(x) : x;
            public static Func<int, int> Endless() => x => Nest<int>(x);
            public static Func<int, int> Odd() => x => x < 0 ? DeepOdd(x) : x;
            public static Func<int, int> Tagged() => x => x < 0 ? Called(x) : Tags.Number + Tags.Count;
            [GoneMark] private static void Called() { }
            [GoneMark] private static int Called(int x) { Called(); return x; }
            [GoneMark] private static class Tags { [GoneMark] public static readonly int Number = 1; public static int Count { get; } = Number; }
            private static int Deep(int x) => Deeper(x) + 1;
            private static int Deeper(int x)
            {
                var gone = new Gone { Number = x };
                gone.Add();
                return gone.Number;
            }
            private static int DeepMarked(int x) => DeeperMarked(x) + 1;
            [GoneMark] private static int DeeperMarked(int x) => x;
            private static int Nest<T>(int x) => x == 0 ? 0 : Nest<List<T>>(x - 1) + Inside<T>.Nest(x);
            private static int DeepOdd(int x) => DeeperOdd(x) + 1;
            private static int DeeperOdd(int x) => (int)(0x1122334455667788 + x);
            private static class Inside<T> { public static int Nest(int x) => x == 0 ? 0 : Inside<T[]>.Nest(x - 1); }
        }
        """;

    [Theory]
    [InlineData("Missing")]
    [InlineData("Marked")]
    [InlineData("Tagged")]
    [InlineData("Endless")]
    [InlineData("Odd")]
    public void A_lambda_is_captured_whatever_its_way_comes_to(string lambda)
    {
        var workshop = new Workshop();
        workshop.Reference(workshop.Compile(
            "Elsewhere",
            """
            public struct Gone { public int Number; public void Add() => Number++; }
            public sealed class GoneMarkAttribute : System.Attribute;
            """).Image);
        var (image, symbols) = workshop.Compile("Ways", Program);
        Spoil(image);
        var make = workshop.Add(image, symbols).GetType("Program")!.GetMethod(lambda)!;
        var closure = Closure<Func<int, int>>.Capture((Func<int, int>)make.Invoke(null, null)!, "Map", "f");
        Assert.Null(closure.LocalTime);
    }

    [Fact]
    public void Code_that_is_none_is_told_from_code()
    {
        var workshop = new Workshop();
        var (image, symbols) = workshop.Compile(
            "Spoilt", "public static class Program { public static int Odd(int x) => (int)(0x1122334455667788 + x); public static int Even(int x) => x; }");
        Spoil(image);
        var program = workshop.Add(image, symbols).GetType("Program")!;
        Assert.Null(IlCode.Of(program.GetMethod("Odd")!));
        Assert.NotNull(IlCode.Of(program.GetMethod("Even")!));
        Assert.Null(IlCode.Of(typeof(IDisposable).GetMethod("Dispose")!));
    }

    /// <summary>Puts bytes that are no instruction where a constant is loaded.</summary>
    private static void Spoil(byte[] image)
    {
        var constant = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(constant, 0x1122334455667788);
        if (image.AsSpan().IndexOf(constant) is var at and > 0)
        {
            image[at - 1] = 0x24; // between ldc.r8 and dup nothing has this number
            image.AsSpan(at, sizeof(long)).Fill(0xFE);
        }
    }
}
